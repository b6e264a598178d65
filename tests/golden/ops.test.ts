import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Tensor, withTape } from '../../src/index.js';
import * as stridenet from '../../testing/library.js';
import { tables, withTable } from '../../testing/tables.js';
import { expectRelative } from '../../testing/tolerance.js';
import { formula } from './formula.js';

interface Case {
  op: string;
  inputs: [shape: number[], seed: number, low?: number, high?: number][];
  // biome-ignore lint/suspicious/noExplicitAny: the options of sixty different ops, straight from JSON
  options: any;
  labels?: number[];
  shape: number[];
  output: number[];
  gradients: Record<string, number[]>;
}

const cases: Case[] = JSON.parse(readFileSync(new URL('ops.json', import.meta.url), 'utf8'));

/** Ops whose arguments are not simply (...inputs, options). */
const calls: Record<string, (inputs: Tensor[], c: Case) => Tensor> = {
  conv2d: ([x, w, b], c) => stridenet.conv2d(x, w, b ?? null, c.options),
  convTranspose2d: ([x, w, b], c) => stridenet.convTranspose2d(x, w, b ?? null, c.options),
  linear: ([x, w, b]) => stridenet.linear(x, w, b ?? null),
  adaptiveAvgPool2d: ([x], c) => stridenet.adaptiveAvgPool2d(x, c.options.outputSize),
  adaptiveMaxPool2d: ([x], c) => stridenet.adaptiveMaxPool2d(x, c.options.outputSize),
  batchNorm2d: ([x, weight, bias, runningMean, runningVar], c) =>
    stridenet.batchNorm2d(x, { weight, bias, runningMean, runningVar, ...c.options }),
  groupNorm: ([x, weight, bias], c) => stridenet.groupNorm(x, c.options.groups, { weight, bias }),
  layerNorm: ([x, weight, bias], c) => stridenet.layerNorm(x, c.options.normalizedShape, { weight, bias }),
  leakyRelu: ([x], c) => stridenet.leakyRelu(x, c.options.slope),
  elu: ([x], c) => stridenet.elu(x, c.options.alpha),
  softmax: ([x], c) => stridenet.softmax(x, c.options.axis),
  logSoftmax: ([x], c) => stridenet.logSoftmax(x, c.options.axis),
  sum: ([x], c) => stridenet.sum(x, c.options.axes, c.options),
  mean: ([x], c) => stridenet.mean(x, c.options.axes, c.options),
  max: ([x], c) => stridenet.max(x, c.options.axes, c.options),
  permute: ([x], c) => stridenet.permute(x, c.options.axes),
  reshape: ([x], c) => stridenet.reshape(x, c.options.shape),
  slice: ([x], c) => stridenet.slice(x, c.options.axis, c.options.start, c.options.end),
  pad: ([x], c) => stridenet.pad(x, c.options.padding, c.options),
  concat: (xs, c) => stridenet.concat(xs, c.options.axis),
  stack: (xs, c) => stridenet.stack(xs, c.options.axis),
  crossEntropy: ([x], c) => stridenet.crossEntropy(x, Int32Array.from(c.labels ?? []), withTensors(c.options)),
  softCrossEntropy: ([x, target], c) => stridenet.crossEntropy(x, target, withTensors(c.options)),
  binaryCrossEntropyWithLogits: ([x, t], c) => stridenet.binaryCrossEntropyWithLogits(x, t, withTensors(c.options)),
  multiclassHinge: ([x], c) => stridenet.multiclassHinge(x, Int32Array.from(c.labels ?? []), c.options),
};

/** Options with arrays of class weights as tensors. */
function withTensors(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([k, v]) => [k, Array.isArray(v) ? Tensor.from(v) : v]));
}

function call(c: Case, inputs: Tensor[]): Tensor {
  const special = calls[c.op];
  if (special !== undefined) return special(inputs, c);
  const op = (stridenet as unknown as Record<string, (...args: unknown[]) => Tensor>)[c.op];
  return Object.keys(c.options).length > 0 ? op(...inputs, c.options) : op(...inputs);
}

describe.each(tables)('on the %s kernels, PyTorch agrees about the value and every gradient of', (_name, table) => {
  const titled = cases.map((c): [string, Case] => [
    `${c.op} ${c.inputs.map(([shape]) => `[${shape}]`).join(' ')} ${JSON.stringify(c.options)}`,
    c,
  ]);
  it.each(titled)('%s', (_title, c) => {
    withTable(table, () =>
      withTape((tape) => {
        const inputs = c.inputs.map(([shape, seed, low, high]) => Tensor.from(formula(shape, seed, low, high), shape));
        const y = call(c, inputs);
        expect([...y.shape]).toEqual(c.shape);
        expectRelative(y.data, c.output, 1e-5, 'output');
        const wanted = Object.keys(c.gradients).map(Number);
        const cotangent = Tensor.from(formula(c.shape, 99), c.shape);
        const gradients = tape.gradient(
          y,
          wanted.map((i) => inputs[i]),
          { cotangent },
        );
        wanted.forEach((i, at) => {
          expectRelative(gradients[at].data, c.gradients[String(i)], 2e-5, `gradient of input ${i}`);
        });
      }),
    );
  });
});

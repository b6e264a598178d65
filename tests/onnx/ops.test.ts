import { describe, expect, test } from 'vitest';
import { Module } from '../../src/layers/module.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { Parameter } from '../../src/tensor/parameter.js';
import type { Tensor } from '../../src/tensor/tensor.js';
import * as s from '../../testing/library.js';
import { expectClose, images, runOnnx } from './support.js';

/** A model that is one expression. */
class Expression extends Module {
  readonly weight: Parameter;

  constructor(
    readonly fn: (x: Tensor, w: Parameter) => Tensor,
    shape: readonly number[] = [4],
  ) {
    super();
    this.weight = new Parameter(images(shape).data, shape);
  }

  forward(x: Tensor): Tensor {
    return this.fn(x, this.weight);
  }
}

type Case = [name: string, fn: (x: Tensor, w: Parameter) => Tensor, weight?: readonly number[]];

/** On x [N, 4, 7, 9]. */
const cases: Case[] = [
  ['abs', s.abs],
  ['add of a number', (x) => s.add(x, 2)],
  ['addRelu', (x) => s.addRelu(x, s.mul(x, 2))],
  ['adaptiveAvgPool2d with uneven windows', (x) => s.adaptiveAvgPool2d(x, [3, 4])],
  ['adaptiveAvgPool2d to more than there is', (x) => s.adaptiveAvgPool2d(x, [9, 10])],
  ['adaptiveAvgPool2d with even windows', (x) => s.adaptiveAvgPool2d(x, [7, 3])],
  ['adaptiveMaxPool2d with uneven windows', (x) => s.adaptiveMaxPool2d(x, [3, 4])],
  ['adaptiveMaxPool2d with even windows', (x) => s.adaptiveMaxPool2d(x, [1, 3])],
  ['avgPool2d', (x) => s.avgPool2d(x, { kernelSize: 3, stride: 2, padding: 1 })],
  ['avgPool2d, partial windows', (x) => s.avgPool2d(x, { kernelSize: 4, stride: 3, padding: 1, ceilMode: true })],
  [
    'avgPool2d, partial windows, padding left out',
    (x) => s.avgPool2d(x, { kernelSize: 4, stride: 3, padding: 1, ceilMode: true, countIncludePad: false }),
  ],
  ['maxPool2d, partial windows', (x) => s.maxPool2d(x, { kernelSize: [2, 4], stride: [2, 3], ceilMode: true })],
  ['concat', (x) => s.concat([x, s.relu(x), s.Tensor.ones(x.shape)], 1)],
  [
    'conv2d',
    (x, w) => s.conv2d(x, w, null, { stride: 2, padding: [1, 2, 0, 1], dilation: [1, 2], groups: 2 }),
    [6, 2, 3, 3],
  ],
  ['conv2d, same', (x, w) => s.conv2d(x, w, null, { stride: 2, padding: 'same' }), [3, 4, 4, 4]],
  [
    'convTranspose2d',
    (x, w) => s.convTranspose2d(x, w, null, { stride: 2, padding: 1, outputPadding: [1, 0], groups: 2 }),
    [4, 3, 3, 3],
  ],
  ['elu', (x) => s.elu(x, 0.7)],
  ['exp, log, sqrt and pow', (x) => s.log(s.add(s.sqrt(s.exp(x)), s.pow(s.abs(x), 1.5)))],
  ['flatten', (x) => s.flatten(x)],
  ['flatten from axis 2', (x) => s.flatten(x, 2)],
  ['flatten of everything', (x) => s.flatten(x, 0)],
  ['gelu', (x) => s.gelu(x)],
  ['gelu by tanh', (x) => s.gelu(x, { approximate: 'tanh' })],
  ['globalAvgPool2d', s.globalAvgPool2d],
  ['globalMaxPool2d', s.globalMaxPool2d],
  ['groupNorm', (x, w) => s.groupNorm(x, 2, { weight: w, bias: w })],
  [
    'batchNorm2d without scale',
    (x, w) => s.batchNorm2d(x, { runningMean: w, runningVar: s.Tensor.ones([4]), training: false }),
  ],
  [
    'batchNormRelu2d',
    (x, w) =>
      s.batchNormRelu2d(x, { weight: w, bias: w, runningMean: w, runningVar: s.Tensor.ones([4]), training: false }),
  ],
  ['hardSigmoid and hardSwish', (x) => s.hardSwish(s.hardSigmoid(s.mul(x, 4)))],
  ['layerNorm', (x, w) => s.layerNorm(x, [7, 9], { weight: w }), [7, 9]],
  ['leakyRelu', (x) => s.leakyRelu(x, 0.2)],
  ['linear on a last axis', (x, w) => s.linear(x, w, null), [5, 9]],
  ['localResponseNorm', (x) => s.localResponseNorm(x, { size: 3, alpha: 0.5 })],
  ['localResponseNorm, even', (x) => s.localResponseNorm(x, { size: 2, alpha: 0.5 })],
  ['logSoftmax', (x) => s.logSoftmax(x, 1)],
  ['softmax', (x) => s.softmax(x, -1)],
  ['matmul', (x, w) => s.matmul(x, w), [9, 3]],
  ['max, min, mean and sum', (x) => s.add(s.max(x, 1), s.add(s.min(x, 1), s.add(s.mean(x, 1), s.sum(x, [1]))))],
  ['mean, axes kept', (x) => s.sub(x, s.mean(x, [2, 3], { keepDims: true }))],
  ['pad with a number', (x) => s.pad(x, [1, 2, 0, 3], { value: 2 })],
  ['pad by reflection', (x) => s.pad(x, 2, { mode: 'reflect' })],
  ['pad by repetition', (x) => s.pad(x, [1, 2], { mode: 'replicate' })],
  ['permute', (x) => s.permute(x, [0, 2, 3, 1])],
  ['transpose', (x) => s.transpose(x, 1, 3)],
  ['relu6', (x) => s.relu6(s.mul(x, 9))],
  ['reshape that joins the batch', (x) => s.reshape(x, [-1, 9])],
  ['silu, tanh and sigmoid', (x) => s.silu(s.tanh(s.sigmoid(x)))],
  ['slice', (x) => s.slice(x, 2, 1, -2)],
  ['split and stack', (x) => s.stack(s.split(x, 2, 1), 2)],
  ['squeeze and unsqueeze', (x) => s.squeeze(s.unsqueeze(s.slice(x, 1, 0, 1), -1), 1)],
  ['upsample2d', (x) => s.upsample2d(x, { scale: 2 })],
  ['upsample2d, bilinear', (x) => s.upsample2d(x, { size: [10, 5], mode: 'bilinear' })],
  ['upsample2d, corners aligned', (x) => s.upsample2d(x, { size: [10, 5], mode: 'bilinear', alignCorners: true })],
  ['constants as long as the batch', (x) => s.concat([x, s.Tensor.full([x.shape[0], 2, 7, 9], 3)], 1)],
];

describe.each([13, 17, 21])('operations, operator set %i', (opset) => {
  test.each(cases)('%s is the same in onnxruntime and when read again', async (_, fn, shape) => {
    const model = new Expression(fn, shape);
    const bytes = exportOnnx(model, [2, 4, 7, 9], { opset });
    const x = images([3, 4, 7, 9]);
    const expected = model.predict(x);
    expectClose(await runOnnx(bytes, x), expected);
    expectClose(importOnnx(bytes).predict(x), expected);
  });
});

describe('what cannot be written', () => {
  test('an operation without an ONNX form is named', () => {
    const model = new Expression((x) => {
      const y = s.relu(x);
      s.record('swirl', [x], y, () => undefined);
      return y;
    });
    const other = new Expression((x) => s.dropout(x, { training: true }));
    expect(() => exportOnnx(other, [1, 4, 2, 2])).toThrow('forward draws random numbers');
    expect(() => exportOnnx(model, [1, 4, 2, 2])).toThrow("operation 'swirl' has no ONNX form");
  });

  test('a number that depends on the batch is refused, unless the batch is fixed', async () => {
    const model = new Expression((x) => s.mul(x, 1 / x.shape[0]));
    expect(() => exportOnnx(model, [2, 4, 2, 2])).toThrow(
      'depends on the size of the batch. Pass dynamicBatch: false.',
    );
    const x = images([2, 4, 2, 2]);
    expectClose(await runOnnx(exportOnnx(model, [2, 4, 2, 2], { dynamicBatch: false }), x), model.predict(x));
  });

  test('batch normalization that uses the batch is refused', () => {
    const model = new Expression((x) => s.batchNorm2d(x, { training: true }));
    expect(() => exportOnnx(model, [2, 4, 2, 2])).toThrow('batchNorm2d ran with training: true');
  });

  test('operator sets beyond what is known are refused', () => {
    expect(() => exportOnnx(new Expression(s.relu), [1, 4, 2, 2], { opset: 22 })).toThrow(
      'opset is 22, but must be from 13 to 21.',
    );
  });
});

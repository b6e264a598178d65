import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { Module } from '../../src/layers/module.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { encodeModel } from '../../src/onnx/encode.js';
import { importOnnx } from '../../src/onnx/index.js';
import { DataType } from '../../src/onnx/proto.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { formula } from '../golden/formula.js';
import { expectClose, images, runOnnx } from './support.js';

const built: Module[] = [];
afterEach(() => {
  for (const model of built.splice(0)) {
    for (const p of model.parameters()) p.grad?.dispose();
    for (const [, t] of model.namedTensors()) t.dispose();
  }
});

function read(bytes: Uint8Array): Module {
  const model = importOnnx(bytes);
  built.push(model);
  return model;
}

/** The file with weights where it has none: filters within sqrt(6 / fan in), scales and variances around 1, shifts near 0. */
function withWeights(bytes: Uint8Array): Uint8Array {
  const model = decodeModel(bytes);
  for (const [place, tensor] of model.graph.initializers.entries()) {
    const { name, dims, dataType } = tensor;
    if (dataType !== DataType.FLOAT || dims.length === 0) continue;
    const bound = dims.length > 1 ? Math.sqrt(6 / dims.slice(1).reduce((a, b) => a * b, 1)) : 0.1;
    const scales = dims.length === 1 && /(weight|running_var)$/.test(name);
    const values = scales ? formula(dims, place, 0.5, 1.5) : formula(dims, place, -bound, bound);
    tensor.raw = new Uint8Array(values.buffer);
    tensor.numbers = null;
  }
  return encodeModel(model);
}

const small = fileURLToPath(new URL('../golden/files/torchvision', import.meta.url));

describe('a few of torchvision’s classifiers, as PyTorch exports them', () => {
  test.each(readdirSync(small))('%s gives onnxruntime’s logits, for two batches, and can be trained', async (name) => {
    const bytes = withWeights(gunzipSync(readFileSync(join(small, name))));
    const model = read(bytes);
    for (const batch of [1, 3]) {
      const x = images([batch, 3, 64, 64]);
      expectClose(model.predict(x), await runOnnx(bytes, x));
    }
    const moving = (key: string): boolean => /running_(mean|var)$/.test(key);
    expect([...model.namedParameters()].filter(([key]) => moving(key))).toEqual([]);
    withTape((tape) => {
      tape.backward(crossEntropy(model.eval().forward(images([4, 3, 64, 64])), Int32Array.of(0, 1, 2, 3)));
    });
    const idle = [...model.namedParameters()].filter(([, p]) => !p.grad?.data.some((v) => v !== 0));
    expect(idle.map(([key]) => key)).toEqual([]);
  });
});

const folder = process.env.STRIDENET_TORCHVISION_ONNX;
const whole = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.onnx'));

describe.skipIf(folder === undefined)(
  'all of them (skipped unless STRIDENET_TORCHVISION_ONNX names the folder that golden/torchvision_onnx.py made)',
  () => {
    test.each(whole)('%s gives PyTorch’s logits', (name) => {
      const file = join(folder as string, name);
      const { size, logits } = JSON.parse(readFileSync(file.replace(/onnx$/, 'json'), 'utf8'));
      const shape = [2, 3, size, size];
      const model = read(readFileSync(file));
      expectClose(model.predict(Tensor.from(formula(shape, 7), shape)), Tensor.from(logits, [2, 10]));
    });
  },
);

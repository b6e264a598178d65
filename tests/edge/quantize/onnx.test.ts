import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { exportQuantizedOnnx, importQuantizedOnnx, type QuantizedModel, quantize } from '../../../src/edge/index.js';
import { Conv2d, Dropout, Flatten, Linear, Module, Sequential } from '../../../src/layers/index.js';
import { createModel } from '../../../src/models/index.js';
import { importOnnx } from '../../../src/onnx/index.js';
import { mul } from '../../../src/tensor/ops/math/mul.js';
import { adaptiveAvgPool2d } from '../../../src/tensor/ops/nn/adaptiveAvgPool2d.js';
import { hardSwish } from '../../../src/tensor/ops/nn/hardSwish.js';
import { maxPool2d } from '../../../src/tensor/ops/nn/maxPool2d.js';
import { relu } from '../../../src/tensor/ops/nn/relu.js';
import { sigmoid } from '../../../src/tensor/ops/nn/sigmoid.js';
import { upsample2d } from '../../../src/tensor/ops/nn/upsample2d.js';
import { concat } from '../../../src/tensor/ops/shape/concat.js';
import { Tensor } from '../../../src/tensor/tensor.js';
import { normals } from '../../../testing/arbitraries.js';

/** Every kind of operation that has bytes. */
class Varied extends Module {
  conv1 = new Conv2d(3, 8, 3, { padding: 1, stride: 2 });
  conv2 = new Conv2d(8, 8, 3, { padding: 1, groups: 8 });
  gate = new Conv2d(8, 8, 1);
  conv3 = new Conv2d(16, 6, 1);
  classifier = new Sequential(new Flatten(), new Dropout(0.5), new Linear(6 * 4 * 4, 5));
  override forward(x: Tensor): Tensor {
    const y = hardSwish(this.conv1.forward(x));
    const scaled = mul(y, sigmoid(this.gate.forward(adaptiveAvgPool2d(y, 1))));
    const both = concat([scaled, relu(this.conv2.forward(y))], 1);
    return this.classifier.forward(maxPool2d(this.conv3.forward(both), { kernelSize: 2 }));
  }
}

const shape = [1, 3, 16, 16];

/** Reshapes aside, the operations are the same, too. */
function expectSameIntegers(again: QuantizedModel, quantized: QuantizedModel, x: Tensor): void {
  const [found, wanted] = [again, quantized].map(({ network }) =>
    network.nodes.map(({ op }) => op).filter((op) => op !== 'view'),
  );
  expect(found).toEqual(wanted);
  expect(again.weightBits).toBe(quantized.weightBits);
  expect([...again.predict(x).data]).toEqual([...quantized.predict(x).data]);
}

describe('a quantized model as ONNX', () => {
  it.each([7, 8] as const)(
    'answers in onnxruntime and in importOnnx what predict answers, with %d bits',
    async (bits) => {
      const model = new Varied().eval();
      const calibration = Tensor.from(normals([8, 3, 16, 16], 'calibration'), [8, 3, 16, 16]);
      const options = { inputShape: shape, calibration, weightBits: bits, activationBits: bits, maxDrop: 1 };
      const quantized = await quantize(model, options);
      const file = exportQuantizedOnnx(quantized);
      const session = await ort.InferenceSession.create(file);
      const x = Tensor.from(normals([3, 3, 16, 16], 'new'), [3, 3, 16, 16]);
      const { output } = await session.run({ input: new ort.Tensor('float32', Float32Array.from(x.data), x.shape) });
      const wanted = quantized.predict(x);
      const most = Math.max(...wanted.data.map(Math.abs));
      for (const found of [output.data as Float32Array, importOnnx(file).predict(x).data]) {
        const furthest = found.reduce((far, v, i) => Math.max(far, Math.abs(v - wanted.data[i])), 0);
        expect(furthest).toBeLessThan(0.03 * most);
      }
      expectSameIntegers(importQuantizedOnnx(file, { inputShape: shape }), quantized, x);
    },
  );

  it('works for a network with constants and averages', async () => {
    const model = createModel('resnet20').eval();
    const calibration = Tensor.from(normals([1, 3, 32, 32], 'cifar'), [1, 3, 32, 32]);
    const quantized = await quantize(model, { inputShape: [1, 3, 32, 32], calibration, maxDrop: 1 });
    const file = exportQuantizedOnnx(quantized);
    const session = await ort.InferenceSession.create(file);
    const x = Tensor.from(normals([2, 3, 32, 32], 'new'), [2, 3, 32, 32]);
    const { output } = await session.run({ input: new ort.Tensor('float32', Float32Array.from(x.data), x.shape) });
    const wanted = quantized.predict(x).data;
    const furthest = (output.data as Float32Array).reduce((far, v, i) => Math.max(far, Math.abs(v - wanted[i])), 0);
    expect(furthest).toBeLessThan(0.05 * Math.max(...wanted.map(Math.abs)));
    expectSameIntegers(importQuantizedOnnx(file, { inputShape: [1, 3, 32, 32] }), quantized, x);
  });

  it('names operations without an ONNX form', async () => {
    class Odd extends Module {
      override forward(x: Tensor): Tensor {
        return upsample2d(x, { scale: 2 });
      }
    }
    const model = new Sequential(new Conv2d(3, 4, 3), new Odd()).eval();
    const calibration = Tensor.from(normals(shape, 'calibration'), shape);
    const quantized = await quantize(model, { inputShape: shape, calibration, maxDrop: 1 });
    expect(() => exportQuantizedOnnx(quantized)).toThrow('stays in float32 and has no ONNX form here');
  });
});

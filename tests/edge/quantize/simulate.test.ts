import { expect, it } from 'vitest';
import { type QuantizedModel, quantize, simulateQuantized, simulationError } from '../../../src/edge/index.js';
import { Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '../../../src/layers/index.js';
import { createModel } from '../../../src/models/index.js';
import { Tensor } from '../../../src/tensor/tensor.js';
import { normals } from '../../../testing/arbitraries.js';

const networks = ['resnet8', 'mobilenet_v3_small', 'squeezenet_cifar', 'airbench93'] as const;

it.each(networks)('each byte of %s is at most one step from float32 arithmetic on the same bytes', async (name) => {
  const model = createModel(name, { widthMultiplier: 1 / 8 }).eval();
  const shape = [2, 3, 32, 32];
  const x = Tensor.from(normals(shape, name), shape);
  const quantized = await quantize(model, { inputShape: shape, calibration: x, maxDrop: 1 });
  const { steps, share, output } = simulationError(quantized, x);
  expect(steps).toBeLessThanOrEqual(1);
  expect(share).toBeLessThan(0.002);
  expect(output).toBeLessThan(0.05);
});

it('gives the integers themselves where float32 holds every sum', async () => {
  const model = new Sequential(
    new Conv2d(3, 4, 3),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
    new Linear(36, 5),
  ).eval();
  const shape = [3, 3, 8, 8];
  const x = Tensor.from(normals(shape, 'exact'), shape);
  const quantized = await quantize(model, { inputShape: shape, calibration: x, maxDrop: 1 });
  const [found, wanted] = [simulateQuantized(quantized), quantized].map((m) => m.predict(x).data);
  for (const [i, v] of wanted.entries())
    expect(Math.abs(found[i] - v)).toBeLessThan(1e-5 * Math.max(...wanted.map(Math.abs)));
});

it('says what it needs', async () => {
  expect(() => simulateQuantized({} as QuantizedModel)).toThrow('must be a QuantizedModel');
});

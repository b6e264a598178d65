import { expect, it } from 'vitest';
import { quantizationAware, quantize } from '../../../src/edge/index.js';
import { fakeQuantize } from '../../../src/edge/quantize/aware/fakeQuantize.js';
import { learnedQuantize } from '../../../src/edge/quantize/aware/learnedQuantize.js';
import { crossEntropy, Parameter, SGD, Tensor, withTape } from '../../../src/index.js';
import { Conv2d, Flatten, Linear, ReLU, Sequential } from '../../../src/layers/index.js';
import { normals } from '../../../testing/arbitraries.js';

it('rounds to steps of the scale, and passes gradients where nothing is cut', () => {
  const x = Tensor.from([0.24, 0.26, -3, 9, 0.75]);
  withTape((tape) => {
    const y = fakeQuantize(x, 1, () => ({ scale: 0.5, zero: 1 }), -4, 7);
    expect([...y.data]).toEqual([0, 0.5, -2.5, 3, 1]);
    const [dx] = tape.gradient(y, [x], { cotangent: Tensor.from([1, 2, 3, 4, 5]) });
    expect([...dx.data]).toEqual([1, 2, 0, 0, 5]);
  });
});

it('trains with rounded weights and inputs, and lets go of them', () => {
  const model = new Sequential(new Conv2d(1, 4, 3), new ReLU(), new Flatten(), new Linear(4 * 4 * 4, 2));
  const x = Tensor.from(normals([8, 1, 6, 6], 'aware'), [8, 1, 6, 6]);
  const labels = Int32Array.from({ length: 8 }, (_, i) => i % 2);
  const exact = Float32Array.from(model.predict(x).data);
  const names = [...model.stateDict().keys()];
  const aware = quantizationAware(model, { weightBits: 7, activationBits: 7 });
  expect(aware.layers).toEqual(['0', '3']);
  expect([...model.stateDict().keys()]).toEqual(names);
  model.train();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
  const losses = Array.from({ length: 30 }, () =>
    withTape((tape) => {
      const loss = crossEntropy(model.forward(x), labels);
      tape.backward(loss);
      optimizer.step();
      return loss.item();
    }),
  );
  expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number));
  model.eval();
  const rounded = Float32Array.from(model.predict(x).data);
  aware.remove();
  const floats = Float32Array.from(model.predict(x).data);
  const furthest = floats.reduce((far, v, i) => Math.max(far, Math.abs(v - (rounded[i] as number))), 0);
  expect(furthest).toBeGreaterThan(0);
  expect(furthest).toBeLessThan(0.1 * Math.max(...floats.map(Math.abs)));
  expect([...floats]).not.toEqual([...exact]);
});

it('learns a step: gradients are those of Esser et al., by hand', () => {
  const x = Tensor.from([0.25, 0.5, 3, -9]);
  const step = new Parameter([0.5]);
  withTape((tape) => {
    const y = learnedQuantize(x, step, { low: -4, high: 4, zero: 0 }, 4, () => ({ scale: 1, zero: 0 }));
    expect([...y.data]).toEqual([0, 0.5, 2, -2]);
    const [dx, dStep] = tape.gradient(y, [x, step], { cotangent: Tensor.from([1, 2, 3, 4]) });
    expect([...dx.data]).toEqual([1, 2, 0, 0]);
    // (0 - 0.5) * 1 + (1 - 1) * 2 + 4 * 3 - 4 * 4, times 1 / sqrt(4 numbers * 4).
    expect(dStep.item()).toBeCloseTo(-4.5 / 4, 6);
  });
});

it('trains steps with the weights, and quantize takes their ranges', async () => {
  const model = new Sequential(new Conv2d(1, 4, 3), new ReLU(), new Flatten(), new Linear(4 * 4 * 4, 2));
  const x = Tensor.from(normals([8, 1, 6, 6], 'learned'), [8, 1, 6, 6]);
  const labels = Int32Array.from({ length: 8 }, (_, i) => i % 2);
  const names = [...model.stateDict().keys()];
  const aware = quantizationAware(model, { ranges: 'learned' });
  expect(aware.inputRanges.size).toBe(0);
  model.train();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.02 });
  const steps: number[] = [];
  const losses = Array.from({ length: 40 }, () =>
    withTape((tape) => {
      const loss = crossEntropy(model.forward(x), labels);
      tape.backward(loss);
      optimizer.step();
      steps.push(model.stateDict().get('3.input_step')?.data[0] as number);
      return loss.item();
    }),
  );
  expect(losses.at(-1)).toBeLessThan(0.75 * (losses[0] as number));
  expect(new Set(steps).size).toBeGreaterThan(20);
  model.eval();
  const rounded = Float32Array.from(model.predict(x).data);
  const { inputRanges } = aware;
  expect([...inputRanges.keys()]).toEqual(['0', '3']);
  expect(inputRanges.get('3')?.max).toBeCloseTo(255 * (steps.at(-1) as number), 5);
  aware.remove();
  expect([...model.stateDict().keys()]).toEqual(names);
  const quantized = await quantize(model, { inputShape: [1, 1, 6, 6], calibration: x, inputRanges, maxDrop: 1 });
  const most = Math.max(...rounded.map(Math.abs));
  for (const [i, v] of quantized.predict(x).data.entries()) expect(Math.abs(v - rounded[i])).toBeLessThan(0.01 * most);
});

it('says what it needs', async () => {
  const model = new Sequential(new Linear(2, 2));
  expect(() => quantizationAware(model, { weightBits: 4 as never })).toThrow('weightBits is 4, but must be 7 or 8');
  expect(() => quantizationAware(model, { momentum: 0 })).toThrow('momentum is 0');
  expect(() => quantizationAware(model, { ranges: 'fixed' as never })).toThrow("'running' or 'learned'");
  const options = { inputShape: [1, 2], calibration: Tensor.ones([1, 2]) };
  const inputRanges = new Map([['o', { min: 0, max: 1 }]]);
  await expect(quantize(model, { ...options, inputRanges: {} as never })).rejects.toThrow('must be a Map from names');
  await expect(quantize(model, { ...options, calibration: Tensor.from([[1, 2]]), inputRanges })).rejects.toThrow(
    "inputRanges names 'o'",
  );
  expect(() => quantizationAware(new Sequential(new ReLU()))).toThrow('has no convolution or linear layer');
});

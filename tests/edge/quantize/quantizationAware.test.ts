import { expect, it } from 'vitest';
import { quantizationAware } from '../../../src/edge/index.js';
import { fakeQuantize } from '../../../src/edge/quantize/aware/fakeQuantize.js';
import { crossEntropy, SGD, Tensor, withTape } from '../../../src/index.js';
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

it('says what it needs', () => {
  const model = new Sequential(new Linear(2, 2));
  expect(() => quantizationAware(model, { weightBits: 4 as never })).toThrow('weightBits is 4, but must be 7 or 8');
  expect(() => quantizationAware(model, { momentum: 0 })).toThrow('momentum is 0');
  expect(() => quantizationAware(new Sequential(new ReLU()))).toThrow('has no convolution or linear layer');
});

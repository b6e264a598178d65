import { describe, expect, it } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { Linear } from '../../src/layers/linear.js';
import { Sequential } from '../../src/layers/sequential.js';
import { SGD } from '../../src/optim/sgd.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { fit } from '../../src/train/fit.js';
import { trainFor } from '../../src/train/trainFor.js';

const batches = [
  { x: Tensor.from([1, 2, 3, 4], [2, 2]), labels: Int32Array.of(0, 1) },
  { x: Tensor.from([4, 1, 0, 2], [2, 2]), labels: Int32Array.of(1, 0) },
];

describe('trainFor', () => {
  it('lets parameters learn in the first epochs only', async () => {
    manualSeed(1);
    const model = new Linear(2, 2);
    const bias = model.bias as NonNullable<typeof model.bias>;
    const seen: boolean[] = [];
    const before = [...bias.data];
    const after: number[][] = [];
    const weights: number[][] = [];
    await fit(model, {
      train: batches,
      optimizer: new SGD(model.parameters(), { learningRate: 0.1 }),
      epochs: 4,
      callbacks: [
        trainFor(2, [bias]),
        {
          onStep: () => void seen.push(bias.requiresGrad),
          onEpochEnd: () => {
            after.push([...bias.data]);
            weights.push([...model.weight.data]);
          },
        },
      ],
    });
    expect(seen).toEqual([true, true, true, true, false, false, false, false]);
    expect(after[0]).not.toEqual(before);
    expect(after[1]).not.toEqual(after[0]);
    expect(after[3]).toEqual(after[1]);
    expect(weights[3]).not.toEqual(weights[1]);
    expect(bias.requiresGrad).toBe(true);
  });

  it('leaves alone what was frozen before', async () => {
    const first = new Linear(2, 2);
    const model = new Sequential(first, new Linear(2, 2));
    first.weight.requiresGrad = false;
    const callback = trainFor(1, first.parameters());
    await fit(model, {
      train: batches,
      optimizer: new SGD(model.parameters(), { learningRate: 0.1 }),
      epochs: 2,
      callbacks: [callback],
    });
    expect([first.weight.requiresGrad, first.bias?.requiresGrad]).toEqual([false, true]);
  });

  it('refuses a number of epochs that is none', () => {
    expect(() => trainFor(-1, [])).toThrow('trainFor: epochs is -1, but must be a whole number >= 0.');
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { CapsNet, RoutedCapsules, squash } from '../../src/models/capsnet.js';
import { createModel } from '../../src/models/index.js';
import { Adam } from '../../src/optim/adam.js';
import { argmax } from '../../src/tensor/ops/math/argmax.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { normals } from '../../testing/arbitraries.js';
import { expectClose, expectGradients } from '../../testing/tolerance.js';

beforeEach(() => manualSeed(1));

function countParameters(model: CapsNet): number {
  return [...model.parameters()].reduce((sum, p) => sum + p.size, 0);
}

/** Pixels from 0 to 1. */
function images(count: number, size: number): Tensor {
  const shape = [count, 1, size, size];
  return Tensor.from(
    normals(shape, 'images').map((v) => Math.abs(Math.sin(v))),
    shape,
  );
}

describe('squash', () => {
  it('turns length 5 into 25/26, and keeps the direction', () => {
    const [[a, b]] = squash(Tensor.from([[3, 4]])).toArray() as number[][];
    expect(Math.hypot(a, b)).toBeCloseTo(25 / 26, 6);
    expect(a / b).toBeCloseTo(3 / 4, 6);
  });

  it('has the gradient of finite differences, and a finite one at zero', () => {
    expectGradients(squash, [{ values: normals([3, 4], 1), shape: [3, 4] }]);
    const x = Tensor.zeros([1, 4]);
    const [g] = withTape((tape) => tape.gradient(squash(x), [x]));
    expect(g.data.every(Number.isFinite)).toBe(true);
  });
});

describe('RoutedCapsules', () => {
  it('with one round averages the votes: two capsules in, one of two numbers out', () => {
    const layer = new RoutedCapsules(2, 1, 1, 2, 1);
    layer.weight.data.set([1, 0, 0, 2]);
    // Votes are [3, 0] and [0, 4]; a single capsule gets both whole: squash([3, 4]).
    const v = layer.forward(Tensor.from([3, 2], [1, 2, 1]));
    expectClose(v.data, [(25 / 26) * (3 / 5), (25 / 26) * (4 / 5)], 1e-6);
  });

  it('routes to the capsule whose votes agree', () => {
    const votes = [
      [1, 1, 0],
      [1, -1, 0],
    ];
    const lengths = (routings: number): number[] => {
      const layer = new RoutedCapsules(2, 1, 2, 3, routings);
      // Both capsules below agree about the first capsule, and contradict each other about the second.
      layer.weight.data.set([...votes[0], ...votes[0], ...votes[0], ...votes[1]]);
      const v = layer.forward(Tensor.ones([1, 2, 1])).data;
      return [Math.hypot(v[0], v[1], v[2]), Math.hypot(v[3], v[4], v[5])];
    };
    const [once, thrice] = [lengths(1), lengths(3)];
    expect(thrice[0]).toBeGreaterThan(once[0]);
    expect(thrice[0] / thrice[1]).toBeGreaterThan(once[0] / once[1]);
  });

  it('needs a round', () => {
    expect(() => new RoutedCapsules(2, 1, 2, 3, 0)).toThrow(
      'RoutedCapsules: routings is 0, but must be a whole number >= 1.',
    );
  });
});

describe('CapsNet', () => {
  it('has 8,215,568 parameters at 28x28, and 11,361,808 at 36x36', () => {
    expect(countParameters(createModel('capsnet_mnist') as CapsNet)).toBe(8_215_568);
    expect(countParameters(new CapsNet({ imageSize: 36 }))).toBe(11_361_808);
  });

  it('gives lengths between 0 and 1, and draws images of its own size', () => {
    const model = new CapsNet({ widthMultiplier: 1 / 8, imageSize: 20 });
    const x = images(3, 20);
    const lengths = model.predict(x);
    expect(lengths.shape).toEqual([3, 10]);
    expect(lengths.data.every((v) => v >= 0 && v < 1)).toBe(true);
    const capsules = model.capsules(x);
    expect(capsules.shape).toEqual([3, 10, 16]);
    const drawn = model.reconstruct(capsules);
    expect(drawn.shape).toEqual([3, 1, 20, 20]);
    expect([...drawn.data]).toEqual([...model.reconstruct(capsules, argmax(lengths)).data]);
    expect([...drawn.data]).not.toEqual([...model.reconstruct(capsules, [0, 1, 2]).data]);
  });

  it('gives every parameter a gradient, and learns eight images by heart', () => {
    const model = new CapsNet({ widthMultiplier: 1 / 8, imageSize: 20, numClasses: 8 });
    const x = images(8, 20);
    const labels = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7);
    const optimizer = new Adam(model.parameters(), { learningRate: 3e-3 });
    const losses: number[] = [];
    for (let step = 0; step < 60; step++) {
      withTape((tape) => {
        const loss = model.trainingLoss(x, labels);
        tape.backward(loss);
        if (step === 0) {
          for (const [key, p] of model.namedParameters())
            expect(
              p.grad?.data.some((v) => v !== 0),
              key,
            ).toBe(true);
        }
        optimizer.step();
        losses.push(loss.item());
      });
    }
    expect(losses[59]).toBeLessThan(0.3 * losses[0]);
    expect([...argmax(model.predict(x))]).toEqual([...labels]);
  });

  it('says what it needs of its input', () => {
    const model = new CapsNet({ widthMultiplier: 1 / 8 });
    expect(() => model.predict(Tensor.zeros([1, 1, 27, 28]))).toThrow(
      'capsnet_mnist: x [1, 1, 27, 28] has images of 27x28 pixels, but needs at least 28x28. Enlarge them.',
    );
    expect(() => model.predict(Tensor.zeros([1, 1, 32, 32]))).toThrow(
      'capsnet_mnist: x [1, 1, 32, 32] must have images of 28x28 pixels, since each position has weights of its own. Pass imageSize to createModel.',
    );
    expect(() => new CapsNet({ imageSize: 16 })).toThrow(
      'capsnet_mnist: imageSize is 16, but must be a whole number >= 17.',
    );
  });
});

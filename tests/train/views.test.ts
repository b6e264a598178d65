import { describe, expect, test } from 'vitest';
import { Flatten } from '../../src/layers/flatten.js';
import { Module } from '../../src/layers/module.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { flatten } from '../../src/tensor/ops/shape/flatten.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { evaluate } from '../../src/train/evaluate.js';
import { mirrorAndShiftViews, mirrorViews, predictViews } from '../../src/train/views.js';

/** Logits that are the pixels. */
class Pixels extends Module {
  forward(x: Tensor): Tensor {
    return flatten(x);
  }
}

const image = (): Tensor => Tensor.from([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);

describe('views', () => {
  test('an image and its mirror', () => {
    expect([...predictViews(new Pixels(), image(), mirrorViews()).data]).toEqual([2, 2, 2, 5, 5, 5, 8, 8, 8]);
  });

  test('an image, shifted up and left, down and right, and their mirrors', () => {
    const [, , upLeft, , downRight, mirrored] = mirrorAndShiftViews().map(({ apply }) => [...apply(image()).data]);
    // What lies outside is the row or column next to the edge.
    expect(upLeft).toEqual([5, 6, 5, 8, 9, 8, 5, 6, 5]);
    expect(downRight).toEqual([5, 4, 5, 2, 1, 2, 5, 4, 5]);
    expect(mirrored).toEqual([5, 4, 5, 2, 1, 2, 5, 4, 5]);
    expect(mirrorAndShiftViews().map(({ weight }) => weight)).toEqual([0.25, 0.25, 0.125, 0.125, 0.125, 0.125]);
  });

  test('the weighted mean of all of them', () => {
    const all = mirrorAndShiftViews().map(({ weight, apply }) => [weight, [...apply(image()).data]] as const);
    const mean = [...image().data].map((_, i) => all.reduce((sum, [weight, x]) => sum + weight * x[i], 0));
    const model = new Pixels();
    // From now on it keeps a plan for this shape.
    model.predict(image());
    const before = memoryInfo().liveBytes;
    const logits = predictViews(model, image(), mirrorAndShiftViews());
    expect([...logits.data]).toEqual(mean);
    logits.dispose();
    expect(memoryInfo().liveBytes - before).toBeLessThanOrEqual(256);
  });

  test('evaluate counts by the mean', async () => {
    const data = [{ x: Tensor.from([0, 0, 9], [1, 1, 1, 3]), labels: Int32Array.of(0) }];
    const plain = await evaluate(new Flatten(), data);
    const viewed = await evaluate(new Flatten(), data, { views: mirrorViews() });
    expect([plain.predictions[0], viewed.predictions[0]]).toEqual([2, 0]);
  });

  test('weights that do not sum to 1 are an error', () => {
    const views = [{ weight: 0.5, apply: (x: Tensor) => x }];
    expect(() => predictViews(new Pixels(), image(), views)).toThrow('the weights [0.5] sum to 0.5');
    expect(() => mirrorAndShiftViews(0)).toThrow('pixels is 0');
  });
});

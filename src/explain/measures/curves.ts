import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError, ShapeError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import { softmax } from '../../tensor/ops/nn/softmax.js';
import { scope } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import type { Heatmap } from '../heatmap.js';

/** Options of `deletionInsertion`. */
export interface DeletionInsertionOptions {
  /** Steps in which all pixels are changed. Default 28. */
  steps?: number | undefined;
  /** What deleted pixels become, and what insertion begins with: a picture of the size of x. Default: zeros, the mean color. */
  baseline?: Float32Array | undefined;
}

/** Areas under two curves, 0 to 1. */
export interface DeletionInsertion {
  /** The mean probability of the class while pixels are deleted, those that count most first: low for a good map. */
  readonly deletion: number;
  /** The mean probability of the class while pixels are inserted, those that count most first: high for a good map. */
  readonly insertion: number;
}

/**
 * How well a map orders the pixels of a picture: the probability of the class while they are deleted, and while they are inserted, in the order of the map.
 *
 * Shapes: x [1, C, H, W], map of H x W.
 *
 * Throws `ShapeError` for another size of the map, `ArgumentError` for steps out of range.
 *
 * Source: Petsiuk, Das and Saenko 2018, "RISE: Randomized Input Sampling for Explanation of Black-box Models", section 4.
 */
export function deletionInsertion(
  model: Module,
  x: Tensor,
  target: number,
  map: Heatmap,
  options: DeletionInsertionOptions = {},
): DeletionInsertion {
  const who = 'deletionInsertion';
  checkOptions(who, options, ['steps', 'baseline']);
  const { steps = 28, baseline = new Float32Array(x?.size ?? 0) } = options;
  checkWhole(who, 'steps', steps, 2);
  const [, channels, height, width] = x.shape;
  if (x.shape[0] !== 1 || map.width !== width || map.height !== height) {
    throw new ShapeError(
      `${who}: the map is ${map.width} x ${map.height}, but must be as large as the one picture, ${width} x ${height}.`,
    );
  }
  if (baseline.length !== x.size) {
    throw new ArgumentError(`${who}: the baseline has ${baseline.length} values, but the picture has ${x.size}.`);
  }
  const plane = height * width;
  const order = Int32Array.from({ length: plane }, (_, p) => p).sort((a, b) => map.data[b] - map.data[a] || a - b);
  const picture = Float32Array.from(x.data);
  const curve = (from: Float32Array, to: Float32Array): number => {
    const values = Float32Array.from(from);
    const batch = new Float32Array((steps + 1) * x.size);
    batch.set(values);
    for (let step = 1; step <= steps; step++) {
      const [first, end] = [step - 1, step].map((at) => Math.round((at * plane) / steps));
      for (let i = first; i < end; i++) {
        for (let c = 0; c < channels; c++) values[c * plane + order[i]] = to[c * plane + order[i]];
      }
      batch.set(values, step * x.size);
    }
    return scope(() => {
      const shares = softmax(model.predict(Tensor.from(batch, [steps + 1, channels, height, width])));
      const outputs = shares.shape[1];
      const found = Array.from({ length: steps + 1 }, (_, step) => shares.data[step * outputs + target]);
      // The trapezoidal rule.
      return found.reduce((sum, share, i) => sum + (i === 0 || i === steps ? share / 2 : share), 0) / steps;
    });
  };
  return { deletion: curve(picture, baseline), insertion: curve(baseline, picture) };
}

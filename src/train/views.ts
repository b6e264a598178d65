import { ArgumentError } from '../base/errors.js';
import type { Module } from '../layers/module.js';
import { add } from '../tensor/ops/math/add.js';
import { mul } from '../tensor/ops/math/mul.js';
import { pad } from '../tensor/ops/shape/pad.js';
import { slice } from '../tensor/ops/shape/slice.js';
import { scope, withoutTape } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';

/** One way to look at a batch of images: its logits count by `weight`. */
export interface View {
  /** The weight of this view's logits in the mean. */
  weight: number;
  /** x [N, C, H, W] as this view sees it, the same size; x itself for a plain look. */
  apply(x: Tensor): Tensor;
}

/** The images and their mirrors, half the weight each. */
export function mirrorViews(): View[] {
  return [
    { weight: 0.5, apply: (x) => x },
    { weight: 0.5, apply: mirror },
  ];
}

/**
 * Half the weight on the images and their mirrors; half on two shifts by `pixels` (default 1), up and left and down and right, each with its
 * mirror. What moves in is the mirror of the edge.
 *
 * Source: Jordan 2024 (arXiv:2404.00498), section 3.5.
 */
export function mirrorAndShiftViews(pixels = 1): View[] {
  if (!Number.isInteger(pixels) || pixels < 1) {
    throw new ArgumentError(`mirrorAndShiftViews: pixels is ${pixels}, but must be a whole number >= 1.`);
  }
  const shifts = [(x: Tensor) => x, (x: Tensor) => shift(x, pixels, 1), (x: Tensor) => shift(x, pixels, -1)];
  return shifts.flatMap((move, i) => {
    const weight = i === 0 ? 0.25 : 0.125;
    return [
      { weight, apply: move },
      { weight, apply: (x: Tensor) => mirror(move(x)) },
    ];
  });
}

/**
 * The weighted mean of a model's logits over views of x: test-time augmentation.
 *
 * Shapes: x [N, C, H, W] -> logits [N, K].
 *
 * Throws `ArgumentError` unless the weights are above 0 and sum to 1.
 *
 * @example
 * predictViews(model, x, mirrorViews()).shape; // [8, 10]
 */
export function predictViews(model: Module, x: Tensor, views: readonly View[]): Tensor {
  const total = views.reduce((sum, { weight }) => sum + weight, 0);
  if (views.some(({ weight }) => !(weight > 0)) || Math.abs(total - 1) > 1e-6) {
    const weights = views.map(({ weight }) => weight).join(', ');
    throw new ArgumentError(
      `predictViews: the weights [${weights}] sum to ${total}, but must be above 0 and sum to 1.`,
    );
  }
  return withoutTape(() =>
    scope(() => {
      let sum: Tensor | null = null;
      for (const { weight, apply } of views) {
        const logits = mul(model.predict(apply(x)), Tensor.from([weight]));
        sum = sum === null ? logits : add(sum, logits);
      }
      return sum as unknown as Tensor;
    }),
  );
}

/** Each row from right to left. */
function mirror(x: Tensor): Tensor {
  const y = Tensor.empty('mirror', x.shape);
  const width = x.shape[x.shape.length - 1];
  const [from, to] = [x.data, y.data];
  for (let row = 0; row < x.size; row += width) {
    for (let i = 0; i < width; i++) to[row + i] = from[row + width - 1 - i];
  }
  return y;
}

/** Moves up and left (direction 1), or down and right (-1). */
function shift(x: Tensor, pixels: number, direction: 1 | -1): Tensor {
  const [height, width] = x.shape.slice(-2);
  const around = pad(x, pixels, { mode: 'reflect' });
  const from = direction === 1 ? 2 * pixels : 0;
  return slice(slice(around, -2, from, from + height), -1, from, from + width);
}

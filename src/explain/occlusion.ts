import { checkWhole, type Pair, pair } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { Module } from '../layers/module.js';
import { Tensor } from '../tensor/tensor.js';
import { expectPictures } from './inputGradient.js';
import { type TargetOptions, targetScores, targetsOf } from './target.js';

/** Options of `occlusion`. */
export interface OcclusionOptions extends TargetOptions {
  /** Height and width of the patch in pixels. Default: a quarter of each side. */
  window?: Pair | undefined;
  /** Pixels from one place of the patch to the next. Default: a half of the patch. */
  stride?: Pair | undefined;
  /** The value of the patch. Default 0, the mean color. */
  fill?: number | undefined;
  /** Pictures that go through the model at once. Default 16. */
  batchSize?: number | undefined;
}

/**
 * How much the logit of a class falls when a patch hides a part of the picture. Each pixel gets the mean over all places of the patch that hide it.
 *
 * Shapes: x [N, C, H, W] -> [N, H, W].
 *
 * Throws like `saliency`, and `ArgumentError` for a patch that is larger than the picture.
 *
 * Source: Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", section 4.2.
 *
 * @example
 * occlusion(model, images, { window: 32, stride: 16 }).shape; // [8, 224, 224]
 */
export function occlusion(model: Module, x: Tensor, options: OcclusionOptions = {}): Tensor {
  const who = 'occlusion';
  checkOptions(who, options, ['target', 'window', 'stride', 'fill', 'batchSize']);
  expectPictures(who, model, x);
  const [count, channels, height, width] = x.shape;
  const quarter = [height, width].map((side) => Math.max(1, Math.floor(side / 4))) as [number, number];
  const [tall, wide] = pair(who, 'window', options.window ?? quarter, 1);
  if (tall > height || wide > width) {
    throw new ArgumentError(
      `${who}: the window of ${tall} x ${wide} is larger than the pictures of ${height} x ${width}.`,
    );
  }
  const half: [number, number] = [Math.max(1, tall >> 1), Math.max(1, wide >> 1)];
  const [down, across] = pair(who, 'stride', options.stride ?? half, 1);
  const { fill = 0, batchSize = 16, target } = options;
  checkWhole(who, 'batchSize', batchSize, 1);
  const logits = model.predict(x);
  const targets = targetsOf(who, logits, target);
  const scores = targetScores(logits, targets);
  const tops = places(height, tall, down);
  const lefts = places(width, wide, across);
  const jobs = targets.flatMap((_, n) => tops.flatMap((top) => lefts.map((left) => ({ n, top, left }))));
  const [sums, hidden] = [new Float64Array(count * height * width), new Uint32Array(count * height * width)];
  const each = channels * height * width;
  for (let from = 0; from < jobs.length; from += batchSize) {
    const part = jobs.slice(from, from + batchSize);
    const values = new Float32Array(part.length * each);
    for (const [i, { n, top, left }] of part.entries()) {
      values.set(x.data.subarray(n * each, (n + 1) * each), i * each);
      for (let c = 0; c < channels; c++) {
        for (let row = top; row < top + tall; row++) {
          const at = i * each + (c * height + row) * width + left;
          values.fill(fill, at, at + wide);
        }
      }
    }
    const patched = Tensor.from(values, [part.length, channels, height, width]);
    const after = model.predict(patched);
    const found = targetScores(
      after,
      part.map(({ n }) => targets[n]),
    );
    for (const t of [patched, after]) t.dispose();
    for (const [i, { n, top, left }] of part.entries()) {
      const fall = scores[n] - found[i];
      for (let row = top; row < top + tall; row++) {
        const at = (n * height + row) * width;
        for (let column = left; column < left + wide; column++) {
          sums[at + column] += fall;
          hidden[at + column]++;
        }
      }
    }
  }
  return Tensor.from(
    Float32Array.from(sums, (value, i) => value / hidden[i]),
    [count, height, width],
  );
}

/** Where the patch begins: every `stride` pixels, and at the end, so that no pixel is left out. */
function places(size: number, window: number, stride: number): number[] {
  const found: number[] = [];
  for (let at = 0; at + window < size; at += stride) found.push(at);
  return [...found, size - window];
}

import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import type { Module } from '../../layers/module.js';
import { upsample2d } from '../../tensor/ops/nn/upsample2d.js';
import { scope } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import type { LayerOptions } from '../layers.js';
import { type TargetOptions, targetScores, targetsOf } from '../target.js';
import { type LayerGradient, layerGradient } from './layerGradient.js';
import { weightedMaps } from './weightedMaps.js';

/** Options of `scoreCam`. */
export interface ScoreCamOptions extends TargetOptions, LayerOptions {
  /** Masked pictures that go through the model at once. Default 16. */
  batchSize?: number | undefined;
}

/**
 * A class activation map without gradients: each map of a layer masks the picture, and is weighted by the logit that the masked picture gets, by a softmax over all
 * maps. It costs a prediction per channel.
 *
 * Shapes: x [N, C, H, W] -> [N, h, w], at least 0.
 *
 * Throws like `gradCam`, and `ArgumentError` for a batch size out of range.
 *
 * Source: Wang et al. 2020, "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks", algorithm 1, with pictures of the mean color as
 * the baseline, whose logit cancels in the softmax.
 */
export function scoreCam(model: Module, x: Tensor, options: ScoreCamOptions = {}): Tensor {
  const who = 'scoreCam';
  checkOptions(who, options, ['target', 'layer', 'batchSize']);
  const { batchSize = 16, target, layer } = options;
  checkWhole(who, 'batchSize', batchSize, 1);
  const found = layerGradient(who, model, x, target, layer);
  const targets = targetsOf(who, model.predict(x), target);
  const [, channels] = found.shape;
  const weightOf = targets.map((k, n) => softmax(maskedScores(model, x, found, n, k, batchSize)));
  let at = 0;
  return weightedMaps(found, false, (_gradient, _maps, weights) => {
    weights.fill(weightOf[Math.floor(at / channels)][at % channels]);
    at++;
  });
}

/** The logit of class k for picture n under each channel as a mask, scaled to 0 ... 1. */
function maskedScores(
  model: Module,
  x: Tensor,
  found: LayerGradient,
  n: number,
  k: number,
  batchSize: number,
): number[] {
  const [, channels, h, w] = found.shape;
  const [, colors, height, width] = x.shape;
  const plane = height * width;
  const picture = x.data.slice(n * colors * plane, (n + 1) * colors * plane);
  const scores: number[] = [];
  for (let from = 0; from < channels; from += batchSize) {
    const count = Math.min(batchSize, channels - from);
    scope(() => {
      const begin = (n * channels + from) * h * w;
      const small = Tensor.from(found.maps.slice(begin, begin + count * h * w), [count, 1, h, w]);
      const masks = upsample2d(small, { size: [height, width], mode: 'bilinear' }).data;
      const masked = new Float32Array(count * colors * plane);
      for (let i = 0; i < count; i++) {
        const mask = masks.subarray(i * plane, (i + 1) * plane);
        const [least, most] = extremes(mask);
        const scale = most > least ? 1 / (most - least) : 0;
        for (let c = 0; c < colors; c++) {
          for (let p = 0; p < plane; p++) {
            masked[(i * colors + c) * plane + p] = picture[c * plane + p] * (mask[p] - least) * scale;
          }
        }
      }
      const logits = model.predict(Tensor.from(masked, [count, colors, height, width]));
      scores.push(...targetScores(logits, new Array<number>(count).fill(k)));
    });
  }
  return scores;
}

function extremes(values: ArrayLike<number>): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    least = Math.min(least, values[i]);
    most = Math.max(most, values[i]);
  }
  return [least, most];
}

function softmax(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}

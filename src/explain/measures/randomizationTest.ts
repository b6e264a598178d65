import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { RandomStream } from '../../base/random.js';
import { headOf } from '../../layers/head.js';
import type { Module } from '../../layers/module.js';
import { scope } from '../../tensor/scope.js';
import type { Tensor } from '../../tensor/tensor.js';
import { heatmaps } from '../heatmap.js';
import { rankCorrelation } from './rankCorrelation.js';

/** Options of `randomizationTest`. */
export interface RandomizationTestOptions {
  /** Random last layers that are tried. Default 5. */
  draws?: number | undefined;
  /** The same seed draws the same layers. Default 'randomizationTest'. */
  seed?: string | undefined;
}

/** How much maps stay the same: means over all pictures and random layers, -1 to 1. */
export interface RandomizationTest {
  /** Rank correlation of the values. */
  readonly signed: number;
  /** Rank correlation of their sizes, where what speaks for the class and what speaks against it count alike. */
  readonly absolute: number;
  /** The standard deviation of the signed rank correlations. */
  readonly deviation: number;
}

/**
 * Does a method notice that the last layer was replaced by a random one? Compares the maps of the same class before and after. A method whose maps stay the same
 * shows something about the pictures, not about the answer.
 *
 * The weights become normal numbers of the same deviation, the biases 0; afterwards they are what they were. With such weights, a class is as likely to be explained
 * by a map as by its negative, so the signed correlation of a method that is linear in them is about 0 on average: look at the absolute one too.
 *
 * Throws `ArgumentError` for a model without a last layer of its own, or draws out of range.
 *
 * Source: Adebayo et al. 2018, "Sanity Checks for Saliency Maps", section 3.1 with the top layer alone, and the rank correlations of section 3.2.
 *
 * @example
 * const { signed, absolute } = randomizationTest(model, () => guidedBackprop(model, x, { target }));
 */
export function randomizationTest(
  model: Module,
  explain: () => Tensor,
  options: RandomizationTestOptions = {},
): RandomizationTest {
  const who = 'randomizationTest';
  checkOptions(who, options, ['draws', 'seed']);
  const { draws = 5, seed = 'randomizationTest' } = options;
  checkWhole(who, 'draws', draws, 1);
  if (typeof explain !== 'function') {
    throw new ArgumentError(`${who}: the second argument must be a function that returns maps.`);
  }
  const [, { weight, bias }] = headOf(model, who);
  const [weights, biases] = [Float32Array.from(weight.data), Float32Array.from(bias?.data ?? [])];
  const deviation = Math.sqrt(weights.reduce((sum, w) => sum + w * w, 0) / weights.length);
  const random = new RandomStream(seed);
  const before = mapsOf(explain);
  const [signed, absolute]: number[][] = [[], []];
  try {
    for (let draw = 0; draw < draws; draw++) {
      weight.dataToOverwrite.set(weights.map(() => deviation * random.normal()));
      bias?.dataToOverwrite.fill(0);
      for (const [n, map] of mapsOf(explain).entries()) {
        signed.push(rankCorrelation(before[n], map));
        absolute.push(rankCorrelation(before[n].map(Math.abs), map.map(Math.abs)));
      }
    }
  } finally {
    weight.dataToOverwrite.set(weights);
    bias?.dataToOverwrite.set(biases);
  }
  const mean = meanOf(signed);
  const spread = Math.sqrt(meanOf(signed.map((value) => (value - mean) ** 2)));
  return { signed: mean, absolute: meanOf(absolute), deviation: spread };
}

function mapsOf(explain: () => Tensor): Float32Array[] {
  return scope(() => {
    const values = explain();
    const [height, width] = values.shape.slice(-2);
    return heatmaps(values, { height, width }).map(({ data }) => data);
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

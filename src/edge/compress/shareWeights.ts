import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import type { Parameter } from '../../tensor/parameter.js';
import type { Callback } from '../../train/index.js';
import { kMeans, nearest } from './kMeans.js';
import { weightsOf } from './weights.js';

/** Options of `shareWeights`. */
export interface ShareWeightsOptions {
  /** Each layer has 2^bits different weights at most, from 1 to 8 bits. */
  bits: number;
  /** Layers that stay as they are, by the names of their weights, or expressions that names match. Default: none. */
  skip?: readonly (string | RegExp)[] | undefined;
}

/** Which weights of a model are the same number, and stay so. */
export class SharedWeights {
  readonly #clusters: ReadonlyMap<Parameter, Uint8Array>;

  constructor(clusters: ReadonlyMap<Parameter, Uint8Array>) {
    this.#clusters = clusters;
  }

  /** Gives the weights of each cluster their mean, but those of cluster 0, which are zero. */
  apply(): void {
    for (const [parameter, clusters] of this.#clusters) {
      const numbers = parameter.data;
      const [sums, counts] = [new Float64Array(257), new Float64Array(257)];
      for (let i = 0; i < numbers.length; i++) {
        sums[clusters[i]] += numbers[i];
        counts[clusters[i]]++;
      }
      for (let i = 0; i < numbers.length; i++)
        numbers[i] = clusters[i] === 0 ? 0 : sums[clusters[i]] / counts[clusters[i]];
    }
  }

  /** Keeps weights shared while `fit` trains: after each step, a cluster has the mean of its weights, and zeros stay zero. */
  callback(): Callback {
    return { onStep: () => this.apply() };
  }
}

/**
 * Makes the weights of each layer share a few numbers, in the model itself: the centers that k-means finds, beginning with evenly spaced ones. Zeros stay
 * zero, so that it goes together with `pruneWeights`. Files then hold indices of `bits` bits: see `packWeights`. Nothing gets faster.
 *
 * Throws `ArgumentError` for bits outside 1 to 8 and for weights that aren't finite.
 *
 * Source: Han et al. 2016 (arXiv:1510.00149), section 3.
 *
 * @example
 * const shared = shareWeights(model, { bits: 5 });
 * await fit(model, { ...options, callbacks: [shared.callback()] });
 */
export function shareWeights(model: Module, options: ShareWeightsOptions): SharedWeights {
  checkOptions('shareWeights', options, ['bits', 'skip']);
  const { bits, skip } = options;
  checkWhole('shareWeights', 'bits', bits, 1);
  if (bits > 8) throw new ArgumentError(`shareWeights: bits is ${bits}, but must be from 1 to 8.`);
  const clusters = new Map<Parameter, Uint8Array>();
  for (const weight of weightsOf('shareWeights', model, skip)) {
    const { data } = weight;
    if (!data.every(Number.isFinite)) {
      throw new ArgumentError('shareWeights: a layer has weights that are NaN or infinite, which have no mean.');
    }
    // One number is zero; the others are centers.
    const centers = kMeans(
      data.filter((v) => v !== 0),
      2 ** bits - 1,
    );
    clusters.set(
      weight,
      Uint8Array.from(data, (v) => (v === 0 ? 0 : 1 + nearest(centers, v))),
    );
  }
  const shared = new SharedWeights(clusters);
  shared.apply();
  return shared;
}

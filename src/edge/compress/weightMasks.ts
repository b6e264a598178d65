import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import type { Parameter } from '../../tensor/parameter.js';
import type { Callback } from '../../train/index.js';
import { weightsOf } from './weights.js';

/** Options of `pruneWeights`. */
export interface PruneWeightsOptions {
  /** The share of weights that become zero, from 0 to below 1. */
  sparsity: number;
  /** 'global' takes the smallest weights of all layers; 'layer' the same share of each. Default 'global'. */
  scope?: 'global' | 'layer' | undefined;
  /** Layers that stay as they are, by the names of their weights, or expressions that names match. Default: none. */
  skip?: readonly (string | RegExp)[] | undefined;
}

/** Which weights of a model are zero, and stay so. */
export class WeightMasks {
  readonly #masks: ReadonlyMap<Parameter, Uint8Array>;

  constructor(masks: ReadonlyMap<Parameter, Uint8Array>) {
    this.#masks = masks;
  }

  /** The share of zeros among the masked layers' weights. */
  get sparsity(): number {
    let [zeros, all] = [0, 0];
    for (const mask of this.#masks.values()) {
      all += mask.length;
      for (const isKept of mask) zeros += 1 - isKept;
    }
    return all === 0 ? 0 : zeros / all;
  }

  /** Sets the masked weights to zero again. */
  apply(): void {
    for (const [parameter, mask] of this.#masks) {
      const numbers = parameter.data;
      for (let i = 0; i < numbers.length; i++) if (mask[i] === 0) numbers[i] = 0;
    }
  }

  /** Keeps masked weights at zero while `fit` trains the others. */
  callback(): Callback {
    return { onTrainStart: () => this.apply(), onStep: () => this.apply() };
  }
}

/**
 * Sets the smallest weights of convolutions and linear layers to zero, in the model itself, and returns masks that keep them there in training.
 * Biases and batch norms stay.
 *
 * This makes files smaller, see `packWeights`. It doesn't make anything faster: zeros are multiplied like all numbers. For speed, use `prune`.
 *
 * Throws `ArgumentError` for a sparsity outside 0 to 1.
 *
 * Source: Han et al. 2015 (arXiv:1506.02626), section 3.
 *
 * @example
 * const masks = pruneWeights(model, { sparsity: 0.8 });
 * await fit(model, { ...options, callbacks: [masks.callback()] });
 */
export function pruneWeights(model: Module, options: PruneWeightsOptions): WeightMasks {
  checkOptions('pruneWeights', options, ['sparsity', 'scope', 'skip']);
  const { sparsity, scope = 'global', skip } = options;
  if (!(sparsity >= 0 && sparsity < 1)) {
    throw new ArgumentError(`pruneWeights: sparsity is ${sparsity}, but must be from 0 to below 1.`);
  }
  if (scope !== 'global' && scope !== 'layer') {
    throw new ArgumentError(`pruneWeights: scope is '${String(scope)}', but must be 'global' or 'layer'.`);
  }
  const weights = weightsOf('pruneWeights', model, skip);
  const all = scope === 'global' ? threshold(weights, sparsity) : null;
  const masks = new WeightMasks(
    new Map(
      weights.map((weight): [Parameter, Uint8Array] => {
        const limit = all ?? threshold([weight], sparsity);
        return [weight, Uint8Array.from(weight.data, (v) => (Math.abs(v) > limit ? 1 : 0))];
      }),
    ),
  );
  masks.apply();
  return masks;
}

/** The size below or at which the given share of all weights lies; negative for none. */
function threshold(weights: readonly Parameter[], share: number): number {
  const sizes = new Float32Array(weights.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const { data } of weights) for (const v of data) sizes[at++] = Math.abs(v);
  const count = Math.round(share * sizes.length);
  return count === 0 ? -1 : sizes.sort()[count - 1];
}

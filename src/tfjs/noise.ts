import { ArgumentError } from '../base/errors.js';
import { Module } from '../layers/module.js';
import { add } from '../tensor/ops/math/add.js';
import { mul } from '../tensor/ops/math/mul.js';
import { randn, uniform } from '../tensor/ops/math/random.js';
import { sub } from '../tensor/ops/math/sub.js';
import type { Tensor } from '../tensor/tensor.js';
import { mapped } from './pointwise.js';

/** Noise that Keras adds in training: normal numbers are added, or multiply the values, or values become those of a saturated SELU. */
export type NoiseKind = 'gaussian noise' | 'gaussian dropout' | 'alpha dropout';

/** SELU's limit far below 0, Klambauer et al. 2017 (arXiv:1706.02515), section 3. */
const SATURATED = -1.7580993408473766;

/** In training mode changes values at random by Keras's `GaussianNoise`, `GaussianDropout` or `AlphaDropout`; in evaluation mode it does nothing. */
export class Noise extends Module {
  constructor(
    readonly kind: NoiseKind,
    readonly amount: number,
  ) {
    super();
    const most = kind === 'gaussian noise' ? Number.MAX_VALUE : 1;
    if (!(amount >= 0 && amount <= most)) {
      throw new ArgumentError(`Noise: the amount of ${kind} is ${amount}, but must be from 0 to ${most}.`);
    }
  }

  forward(x: Tensor): Tensor {
    const { kind, amount } = this;
    if (!this.training || amount === 0) return x;
    if (kind === 'gaussian noise') return add(x, mul(randn(x.shape), amount));
    if (amount === 1) return mul(x, 0);
    if (kind === 'gaussian dropout') return mul(x, add(mul(randn(x.shape), Math.sqrt(amount / (1 - amount))), 1));
    const stays = mapped(uniform(x.shape), { name: 'alpha dropout', f: (v) => (v < amount ? 0 : 1), slope: () => 0 });
    const scale = 1 / Math.sqrt((1 - amount) * (1 + amount * SATURATED ** 2));
    const changed = add(mul(x, stays), mul(sub(1, stays), SATURATED));
    return add(mul(changed, scale), -scale * amount * SATURATED);
  }

  protected override describe(): string {
    return `${this.kind}, ${this.amount}`;
  }
}

import type { RandomStream } from '../../base/random.js';
import type { ParameterValue } from '../space.js';

/**
 * A density on [0, 1]: a normal distribution around each observation, and a wide one around the middle as the prior, all truncated to the
 * interval and of equal weight. Each is as wide as the larger distance to its neighbors.
 */
export class ParzenEstimator {
  readonly #centers: number[];
  readonly #widths: number[];
  /** How much of each distribution lies inside the interval. */
  readonly #inside: number[];

  constructor(observations: readonly number[]) {
    const count = observations.length + 1;
    const order = [0.5, ...observations].map((center, i) => ({ center, isPrior: i === 0 }));
    order.sort((a, b) => a.center - b.center || Number(b.isPrior) - Number(a.isPrior));
    const least = 1 / Math.min(100, 1 + count);
    this.#centers = order.map(({ center }) => center);
    this.#widths = order.map(({ center, isPrior }, i) => {
      if (isPrior) return 1;
      const left = center - (order[i - 1]?.center ?? 0);
      const right = (order[i + 1]?.center ?? 1) - center;
      return Math.min(1, Math.max(left, right, least));
    });
    this.#inside = order.map((_, i) => {
      const [center, width] = [this.#centers[i], this.#widths[i]];
      return normalBelow((1 - center) / width) - normalBelow(-center / width);
    });
  }

  /** A number drawn from the density. */
  sample(random: RandomStream): number {
    const i = random.integer(this.#centers.length);
    for (let tries = 0; tries < 100; tries++) {
      const u = this.#centers[i] + this.#widths[i] * random.normal();
      if (u >= 0 && u <= 1) return u;
    }
    return this.#centers[i];
  }

  /** The logarithm of the density. */
  logDensity(u: number): number {
    let sum = 0;
    for (let i = 0; i < this.#centers.length; i++) {
      const z = (u - this.#centers[i]) / this.#widths[i];
      sum += Math.exp(-0.5 * z * z) / (this.#widths[i] * this.#inside[i]);
    }
    return Math.log(sum / (this.#centers.length * Math.sqrt(2 * Math.PI)));
  }
}

/** The probability of each value: how often it was observed, with one more observation spread over all. */
export function categoryWeights(values: readonly ParameterValue[], observed: readonly ParameterValue[]): number[] {
  const counts = values.map(() => 1 / values.length);
  for (const value of observed) counts[values.indexOf(value)]++;
  return counts.map((count) => count / (observed.length + 1));
}

/**
 * The probability that a standard normal variable is below z, to 1.5e-7.
 *
 * Source: Abramowitz and Stegun 1964, formula 7.1.26.
 */
function normalBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (series * Math.exp(-x * x)) / 2;
  return z < 0 ? tail : 1 - tail;
}

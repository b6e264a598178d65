import type { Observer } from './observer.js';

/** How the range of an activation is found: see `QuantizeOptions.ranges`. */
export type RangeMethod = 'minmax' | 'percentile' | 'mse' | 'entropy';

export interface FoundRange {
  readonly min: number;
  readonly max: number;
}

/**
 * The range of numbers that bytes will stand for; what lies outside is cut off. 0 always lies inside.
 *
 * Source: 'entropy' is the Kullback-Leibler divergence of Migacz 2017 (8-bit inference with TensorRT); 'mse' as in Nagel et al. 2021
 * (arXiv:2106.08295), section 2.2.
 */
export function rangeOf(observer: Observer, method: RangeMethod, levels: number, percentile: number): FoundRange {
  const whole = { min: Math.min(observer.min, 0), max: Math.max(observer.max, 0) };
  if (method === 'minmax' || observer.max <= observer.min) return whole;
  const found = method === 'percentile' ? percentiles(observer, percentile) : best(observer, whole, method, levels);
  return { min: Math.min(found.min, 0), max: Math.max(found.max, 0) };
}

function percentiles({ bins, min, max }: Observer, percentile: number): FoundRange {
  const total = bins.reduce((sum, n) => sum + n, 0);
  const width = (max - min) / bins.length;
  const beyond = (1 - percentile / 100) * total;
  const from = (order: readonly number[]): number => {
    let sum = 0;
    for (const bin of order) {
      sum += bins[bin] as number;
      if (sum > beyond) return bin;
    }
    return order.at(-1) as number;
  };
  const up = Array.from(bins, (_, i) => i);
  return { min: min + from(up) * width, max: min + (from(up.toReversed()) + 1) * width };
}

/** The best of ranges that are 100 %, 99 %, ... of the whole. */
function best(observer: Observer, whole: FoundRange, method: 'mse' | 'entropy', levels: number): FoundRange {
  const cost = method === 'mse' ? squaredError : divergence;
  let least = Number.POSITIVE_INFINITY;
  let found = whole;
  for (let percent = 100; percent >= 20; percent--) {
    const range = { min: (whole.min * percent) / 100, max: (whole.max * percent) / 100 };
    const of = cost(observer, range, levels);
    if (of < least) [least, found] = [of, range];
  }
  return found;
}

/** The expected squared error of a number: step^2 / 12 inside the range, the distance to it outside. */
function squaredError({ bins, min, max }: Observer, range: FoundRange, levels: number): number {
  const width = (max - min) / bins.length;
  const step = (range.max - range.min) / levels;
  let sum = 0;
  for (let i = 0; i < bins.length; i++) {
    const v = min + (i + 0.5) * width;
    const outside = v > range.max ? v - range.max : v < range.min ? range.min - v : 0;
    sum += (bins[i] as number) * (outside > 0 ? outside * outside : (step * step) / 12);
  }
  return sum;
}

/** The divergence of what bytes can tell apart from what was seen; numbers outside of the range count at its ends. */
function divergence({ bins, min, max }: Observer, range: FoundRange, levels: number): number {
  const width = (max - min) / bins.length;
  const first = Math.max(0, Math.floor((range.min - min) / width));
  const last = Math.min(bins.length - 1, Math.ceil((range.max - min) / width) - 1);
  const inside = bins.slice(first, last + 1);
  // The zeros that a ReLU makes are exact in every range, and so many that nothing else would count.
  const zero = Math.floor(-min / width) - first;
  if (zero >= 0 && zero < inside.length) inside[zero] = inside[zero + 1] ?? 0;
  const seen = inside.slice();
  for (let i = 0; i < first; i++) seen[0] = (seen[0] as number) + (bins[i] as number);
  for (let i = last + 1; i < bins.length; i++) seen[seen.length - 1] = (seen.at(-1) as number) + (bins[i] as number);
  const told = new Float64Array(inside.length);
  for (let level = 0; level < levels; level++) {
    const begin = Math.floor((level * inside.length) / levels);
    const end = Math.floor(((level + 1) * inside.length) / levels);
    let [sum, filled] = [0, 0];
    for (let i = begin; i < end; i++) {
      sum += inside[i] as number;
      if ((inside[i] as number) > 0) filled++;
    }
    for (let i = begin; i < end; i++) if ((inside[i] as number) > 0) told[i] = sum / filled;
  }
  const [seenTotal, toldTotal] = [seen, told].map((counts) => counts.reduce((sum, n) => sum + n, 0)) as [
    number,
    number,
  ];
  let sum = 0;
  for (let i = 0; i < seen.length; i++) {
    const p = (seen[i] as number) / seenTotal;
    if (p > 0) sum += p * Math.log(p / Math.max((told[i] as number) / toldTotal, 1e-9));
  }
  return sum;
}

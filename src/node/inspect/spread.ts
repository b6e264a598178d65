/** The least, the middle and the most of many numbers. */
export interface Spread {
  /** The least. */
  minimum: number;
  /** The middle one: half of the numbers are smaller. */
  median: number;
  /** The most. */
  maximum: number;
}

/** All 0 for no numbers. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return { minimum: 0, median: 0, maximum: 0 };
  const median = n % 2 === 1 ? sorted[(n - 1) / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  return { minimum: sorted[0], median, maximum: sorted[n - 1] };
}

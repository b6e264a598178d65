/**
 * At most `k` centers of numbers, in order: Lloyd's algorithm on the line, from evenly spaced centers. Numbers are sorted once, so that a round is a
 * search for each border.
 */
export function kMeans(values: Float32Array, k: number, rounds = 30): Float64Array {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  if (n === 0) return new Float64Array(0);
  const sums = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) sums[i + 1] = sums[i] + sorted[i];
  const [low, high] = [sorted[0], sorted[n - 1]];
  let centers = Float64Array.from({ length: k }, (_, c) =>
    k === 1 ? (low + high) / 2 : low + ((high - low) * c) / (k - 1),
  );
  for (let round = 0; round < rounds; round++) {
    const next: number[] = [];
    let first = 0;
    for (let c = 0; c < centers.length; c++) {
      const end = c + 1 < centers.length ? countUpTo(sorted, (centers[c] + centers[c + 1]) / 2) : n;
      // A center that nothing is near to is left out.
      if (end > first) next.push((sums[end] - sums[first]) / (end - first));
      first = Math.max(first, end);
    }
    const isSame = next.length === centers.length && next.every((v, c) => v === centers[c]);
    centers = Float64Array.from(next);
    if (isSame) break;
  }
  return centers;
}

/** The index of the center that is nearest to a number; the lower one of two. */
export function nearest(centers: Float64Array, value: number): number {
  let [low, high] = [0, centers.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (centers[middle] + centers[middle + 1]) / 2) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How many of sorted numbers are at most `limit`. */
function countUpTo(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

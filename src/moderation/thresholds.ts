/** From which score on a photograph is reviewed, and from which on it is blocked. */
export interface Thresholds {
  /** Below it, a photograph is allowed. */
  readonly review: number;
  /** From it on, a photograph is blocked. */
  readonly block: number;
}

/** What decisions about one label cost, per photograph. */
export interface Costs {
  readonly miss: number;
  readonly falseAlarm: number;
  readonly review: number;
}

/** A photograph by its score. */
export interface ScoredItem {
  readonly score: number;
  /** 1 for a bad photograph, 0 for a good one; between them where it isn't sure. */
  readonly bad: number;
  /** For how many photographs it stands. */
  readonly weight: number;
}

/**
 * The thresholds with the least cost on these photographs, which have to be sorted by score. Of equally cheap ones, the stricter ones.
 *
 * With i photographs below `review` and j below `block`, the cost is a sum of one part that depends on i and one that depends on j, so one
 * pass finds the best pair.
 */
export function cheapestThresholds(sorted: readonly ScoredItem[], costs: Costs): Thresholds {
  const n = sorted.length;
  let alarms = sorted.reduce((sum, { bad, weight }) => sum + weight * (1 - bad) * costs.falseAlarm, 0);
  let [misses, reviews] = [0, 0];
  // Of all i up to here, the one that makes misses the cheapest against reviews.
  let best = { i: 0, cost: 0 };
  let found = { i: 0, j: 0, cost: alarms };
  for (let j = 1; j <= n; j++) {
    const { bad, weight } = sorted[j - 1];
    reviews += weight * costs.review;
    misses += weight * bad * costs.miss;
    alarms -= weight * (1 - bad) * costs.falseAlarm;
    // Photographs of equal score are treated alike.
    if (j < n && sorted[j].score === sorted[j - 1].score) continue;
    if (misses - reviews < best.cost - TIE) best = { i: j, cost: misses - reviews };
    const cost = best.cost + reviews + alarms;
    if (cost < found.cost - TIE) found = { i: best.i, j, cost };
  }
  return { review: cut(sorted, found.i), block: cut(sorted, found.j) };
}

/** Sums in another order may differ by so much. */
const TIE = 1e-9;

/** A score between the photographs below place `at` and those from it on. */
function cut(sorted: readonly ScoredItem[], at: number): number {
  if (at === 0) return 0;
  // A score is at most 1.
  if (at === sorted.length) return 2;
  return (sorted[at - 1].score + sorted[at].score) / 2;
}

/** The mean cost per photograph. */
export function meanCost(items: readonly ScoredItem[], { review, block }: Thresholds, costs: Costs): number {
  let [sum, weights] = [0, 0];
  for (const { score, bad, weight } of items) {
    weights += weight;
    if (score < review) sum += weight * bad * costs.miss;
    else if (score < block) sum += weight * costs.review;
    else sum += weight * (1 - bad) * costs.falseAlarm;
  }
  return weights === 0 ? 0 : sum / weights;
}

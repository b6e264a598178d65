/** Inserts a score into a list in descending order and returns its place; equal ones go behind. */
export function insertScore(scores: number[], score: number): number {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle] >= score) low = middle + 1;
    else high = middle;
  }
  scores.splice(low, 0, score);
  return low;
}

/** Steps `least`, `least` * `eta`, ... below `most`, rounded to whole ones. */
export function rungsBelow(least: number, most: number, eta: number): number[] {
  const rungs: number[] = [];
  for (let step = least; Math.round(step) < most; step *= eta) rungs.push(Math.round(step));
  return rungs;
}

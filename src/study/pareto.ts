/** Whether a is at least as good as b in every score, and better in one. Larger scores are better. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let isBetter = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] < b[i]) return false;
    if (a[i] > b[i]) isBetter = true;
  }
  return isBetter;
}

/** The points that no other one dominates, in order. */
export function nonDominated<T>(items: readonly T[], scoresOf: (item: T) => readonly number[]): T[] {
  const scores = items.map(scoresOf);
  return items.filter((_, i) => !scores.some((other) => dominates(other, scores[i])));
}

/**
 * Sorts by fronts: those that nothing dominates first, then those that only these dominate, and so on. Within a front, the ones with most room
 * around them come first.
 *
 * Source: Deb et al. 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", section III.
 */
export function sortByFronts<T>(items: readonly T[], scoresOf: (item: T) => readonly number[]): T[] {
  const sorted: T[] = [];
  let rest = [...items];
  while (rest.length > 0) {
    const front = nonDominated(rest, scoresOf);
    const room = crowding(front.map(scoresOf));
    const order = front.map((_, i) => i).sort((a, b) => (room[a] === room[b] ? a - b : room[b] - room[a]));
    sorted.push(...order.map((i) => front[i]));
    const taken = new Set(front);
    rest = rest.filter((item) => !taken.has(item));
  }
  return sorted;
}

/** The distance between each point's neighbors, summed over the scores; infinite at the ends. */
function crowding(points: readonly (readonly number[])[]): number[] {
  const room = points.map(() => 0);
  for (let k = 0; k < (points[0]?.length ?? 0); k++) {
    const order = points.map((_, i) => i).sort((a, b) => points[a][k] - points[b][k]);
    const range = points[order[order.length - 1]][k] - points[order[0]][k] || 1;
    order.forEach((i, place) => {
      const [before, after] = [order[place - 1], order[place + 1]];
      room[i] +=
        before === undefined || after === undefined
          ? Number.POSITIVE_INFINITY
          : (points[after][k] - points[before][k]) / range;
    });
  }
  return room;
}

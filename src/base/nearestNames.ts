/**
 * The entries of `names` that are nearest to `name` in edits, if they are near enough to be a slip; several that are as near.
 * If none is: those that begin with it.
 */
export function nearestNames(name: string, names: Iterable<string>): string[] {
  const known = [...names];
  let best: string[] = [];
  let least = Math.max(2, Math.floor(name.length / 2));
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) best = [];
    if (distance <= least) {
      least = distance;
      best.push(candidate);
    }
  }
  if (best.length > 0 || name.length < 3) return best;
  return known.filter((candidate) => candidate.toLowerCase().startsWith(name.toLowerCase()));
}

/**
 * The least number of letters to insert, delete or replace that turns a into b.
 *
 * Source: Wagner and Fischer 1974, "The string-to-string correction problem".
 */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

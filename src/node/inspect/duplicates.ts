/** Groups of two and more places whose keys are equal, in the order of their first place. */
export function equalGroups(keys: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  for (const [i, key] of keys.entries()) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [i]);
    else group.push(i);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/**
 * Groups of places whose hashes of 64 bits, in hexadecimal digits, are joined by steps of at most `distance` different bits. Compares all pairs: 20,000
 * hashes take about a second.
 */
export function nearGroups(hashes: readonly string[], distance: number): number[][] {
  const high = Int32Array.from(hashes, (hash) => Number.parseInt(hash.slice(0, 8), 16));
  const low = Int32Array.from(hashes, (hash) => Number.parseInt(hash.slice(8), 16));
  const parents = Int32Array.from(hashes, (_, i) => i);
  const rootOf = (i: number): number => {
    let at = i;
    while (parents[at] !== at) at = parents[at] = parents[parents[at]];
    return at;
  };
  for (let i = 0; i < hashes.length; i++) {
    for (let j = i + 1; j < hashes.length; j++) {
      if (bits(high[i] ^ high[j]) + bits(low[i] ^ low[j]) > distance) continue;
      const [a, b] = [rootOf(i), rootOf(j)];
      parents[Math.max(a, b)] = Math.min(a, b);
    }
  }
  return equalGroups(hashes.map((_, i) => String(rootOf(i))));
}

/** How many of 32 bits are set (Warren, Hacker's Delight, section 5-1). */
function bits(x: number): number {
  let v = x - ((x >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

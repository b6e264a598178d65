/** Numbers from 0 to below `limit`, the same in every run. */
export type Draw = (limit: number) => number;

export function random(seed: number): Draw {
  let state = seed * 2654435761;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** A damaged copy: a few bytes changed, often near the beginning, where headers are; parts removed, repeated or cut off. */
export function mutate(file: Uint8Array, draw: Draw): Uint8Array {
  const bytes = file.slice();
  const changes = 1 + draw(6);
  for (let i = 0; i < changes; i++) {
    const at = draw(draw(2) === 0 ? Math.min(80, bytes.length) : bytes.length);
    bytes[at] = [draw(256), 0, 255, bytes[at] ^ (1 << draw(8)), 0x7f][draw(5)];
  }
  const kind = draw(8);
  if (kind === 0) return bytes.slice(0, draw(bytes.length));
  const [from, to] = [draw(bytes.length), draw(bytes.length)].sort((a, b) => a - b);
  if (kind === 1) return join(bytes.subarray(0, from), bytes.subarray(to));
  if (kind === 2) return join(bytes.subarray(0, to), bytes.subarray(from));
  return bytes;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

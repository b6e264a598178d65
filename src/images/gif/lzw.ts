/** Codes have 12 bits at most. */
const TABLE = 4096;

/**
 * Unpacks the codes of a GIF image into indices.
 *
 * Returns how many pixels the codes described; fewer than `pixels.length` when they end early or make no sense.
 *
 * Source: GIF89a, appendix F.
 */
export function unpackLzw(codes: Uint8Array, firstBits: number, pixels: Uint8Array): number {
  const clear = 1 << firstBits;
  const end = clear + 1;
  const prefix = new Int16Array(TABLE);
  const suffix = new Uint8Array(TABLE);
  const stack = new Uint8Array(TABLE + 1);
  for (let i = 0; i < clear; i++) suffix[i] = i;
  let bits = firstBits + 1;
  let next = end + 1;
  let previous = -1;
  let first = 0;
  let found = 0;
  let buffer = 0;
  let buffered = 0;
  for (let at = 0; found < pixels.length; ) {
    while (buffered < bits && at < codes.length) {
      buffer |= codes[at++] << buffered;
      buffered += 8;
    }
    if (buffered < bits) return found;
    let code = buffer & ((1 << bits) - 1);
    buffer >>>= bits;
    buffered -= bits;
    if (code === end) return found;
    if (code === clear) {
      bits = firstBits + 1;
      next = end + 1;
      previous = -1;
      continue;
    }
    if (previous < 0) {
      if (code > clear) return found;
      first = code;
      pixels[found++] = code;
      previous = code;
      continue;
    }
    const whole = code;
    let depth = 0;
    if (code >= next) {
      if (code > next) return found;
      stack[depth++] = first;
      code = previous;
    }
    while (code >= clear) {
      stack[depth++] = suffix[code];
      code = prefix[code];
    }
    first = suffix[code];
    stack[depth++] = first;
    while (depth > 0 && found < pixels.length) pixels[found++] = stack[--depth];
    if (next < TABLE) {
      prefix[next] = previous;
      suffix[next] = first;
      next++;
      if (next === 1 << bits && bits < 12) bits++;
    }
    previous = whole;
  }
  return found;
}

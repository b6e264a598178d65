/** The state of one stream: plain numbers, fit for JSON. */
export type StreamState = Record<'c' | 's0' | 's1' | 's2', number>;

const BITS = 32n;
const B = 1n << BITS;
const MULTIPLIER = 2091639n;
const MODULUS = MULTIPLIER * B ** 3n - 1n;
/** One draw multiplies the state by this. */
const STEP = MULTIPLIER * B * B;
const WORD = 2 ** 32;

/**
 * The state of an Alea generator after `draws` more draws, in a time that grows with their logarithm; null for a state that no generator
 * can be in.
 *
 * Alea is multiply-with-carry: with words S in base b = 2^32, a = 2091639 and the carry c, S' + c' b = a S0 + c. The number
 * X = S0 + S1 b + S2 b^2 + c b^3 then becomes X a b^2 modulo a b^3 - 1 with each draw, since a b^3 is 1 there.
 *
 * Source: Marsaglia 2003, "Random number generators", section 2; Baagøe's generator keeps each word as a fraction of 2^32.
 */
export function aleaJump({ c, s0, s1, s2 }: StreamState, draws: number): StreamState | null {
  const words = [s0, s1, s2].map((s) => s * WORD);
  if (![...words, c].every((word) => Number.isInteger(word) && word >= 0)) return null;
  if (c >= Number(MULTIPLIER) || words.some((word) => word >= WORD)) return null;
  const [w0, w1, w2] = words.map(BigInt) as [bigint, bigint, bigint];
  let x = w0 + (w1 << BITS) + (w2 << (2n * BITS)) + (BigInt(c) << (3n * BITS));
  let factor = STEP;
  for (let left = BigInt(draws); left > 0n; left >>= 1n) {
    if (left & 1n) x = (x * factor) % MODULUS;
    factor = (factor * factor) % MODULUS;
  }
  const word = (at: bigint): number => Number((x >> (at * BITS)) % B) / WORD;
  return { c: Number(x >> (3n * BITS)), s0: word(0n), s1: word(1n), s2: word(2n) };
}

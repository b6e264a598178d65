/** Bits of a coordinate. */
const BITS = 32;

/**
 * The first direction numbers of dimensions 2 to 64, as many for each as its polynomial has degrees; the first dimension has ones.
 *
 * Source: Joe and Kuo 2008, "Constructing Sobol sequences with better two-dimensional projections", the numbers new-joe-kuo-6.
 */
const INITIAL = (
  '1; 1 3; 1 3 1; 1 1 1; 1 1 3 3; 1 3 5 13; 1 1 5 5 17; 1 1 5 5 5; 1 1 7 11 19; 1 1 5 1 1; 1 1 1 3 11; 1 3 ' +
  '5 5 31; 1 3 3 9 7 49; 1 1 1 15 21 21; 1 3 1 13 27 49; 1 1 1 15 7 5; 1 3 1 15 13 25; 1 1 5 5 19 61; 1 3 7 ' +
  '11 23 15 103; 1 3 7 13 13 15 69; 1 1 3 13 7 35 63; 1 3 5 9 1 25 53; 1 3 1 13 9 35 107; 1 3 1 5 27 61 31; ' +
  '1 1 5 11 19 41 61; 1 3 5 3 3 13 69; 1 1 7 13 1 19 1; 1 3 7 5 13 19 59; 1 1 3 9 25 29 41; 1 3 5 13 23 1 ' +
  '55; 1 3 7 3 13 59 17; 1 3 1 3 5 53 69; 1 1 5 5 23 33 13; 1 1 7 7 1 61 123; 1 1 7 9 13 61 49; 1 3 3 5 3 ' +
  '55 33; 1 3 1 15 31 13 49 245; 1 3 5 15 31 59 63 97; 1 3 1 11 11 11 77 249; 1 3 1 11 27 43 71 9; 1 1 7 15 ' +
  '21 11 81 45; 1 3 7 3 25 31 65 79; 1 3 1 1 19 11 3 205; 1 1 5 9 19 21 29 157; 1 3 7 11 1 33 89 185; 1 3 3 ' +
  '3 15 9 79 71; 1 3 7 11 15 39 119 27; 1 1 3 1 11 31 97 225; 1 1 1 3 23 43 57 177; 1 3 7 7 17 17 37 71; 1 ' +
  '3 1 5 27 63 123 213; 1 1 3 5 11 43 53 133; 1 3 5 5 29 17 47 173 479; 1 3 3 11 3 1 109 9 69; 1 1 1 5 17 ' +
  '39 23 5 343; 1 3 1 5 25 15 31 103 499; 1 1 1 11 11 17 63 105 183; 1 1 5 11 9 29 97 231 363; 1 1 5 15 19 ' +
  '45 41 7 383; 1 3 7 7 31 19 83 137 221; 1 1 1 3 23 15 111 223 83; 1 1 5 13 31 15 55 25 161; 1 1 3 13 25 ' +
  '47 39 87 257'
)
  .split('; ')
  .map((row) => row.split(' ').map(Number));

/** Dimensions that there are direction numbers for. */
export const SOBOL_DIMENSIONS = INITIAL.length + 1;

let known: readonly Uint32Array[] | null = null;

/**
 * Coordinate `dimension` (from 0) of point `index` of the Sobol sequence, in the order of its Gray code, as a whole number below 2^32: of the first
 * 2^k points, each of 2^k equal parts of every coordinate's range has one.
 *
 * Source: Sobol 1967; Antonov and Saleev 1979 for the order.
 */
export function sobolCoordinate(index: number, dimension: number): number {
  known ??= directions();
  const numbers = known[dimension];
  let sum = 0;
  for (let gray = index ^ (index >>> 1), bit = 0; gray !== 0; gray >>>= 1, bit++) {
    if (gray & 1) sum ^= numbers[bit];
  }
  return sum >>> 0;
}

/**
 * Permutes the parts of a coordinate's range at random, halves, quarters and so on, each of them by itself, so that what is even stays even.
 *
 * Source: Owen 1995; by hashing as in Burley 2020, "Practical hash-based Owen scrambling", listing 2.
 */
export function scramble(coordinate: number, seed: number): number {
  let x = reversedBits(coordinate);
  x = (x + seed) >>> 0;
  for (const factor of [0x6c50b47c, 0xb82f1e52, 0xc7afe638, 0x8d22f6e6]) x = (x ^ Math.imul(x, factor)) >>> 0;
  return reversedBits(x);
}

function reversedBits(x: number): number {
  let reversed = 0;
  for (let bit = 0; bit < BITS; bit++) reversed = (reversed << 1) | ((x >>> bit) & 1);
  return reversed >>> 0;
}

/** m[k] = m[k - s] ^ 2^s m[k - s] ^ the sum of 2^i m[k - i] for each coefficient i of the polynomial; a direction is m[k] / 2^(k + 1). */
function directions(): Uint32Array[] {
  const polynomials = primitivePolynomials(INITIAL.length);
  const ones = Uint32Array.from({ length: BITS }, (_, k) => 2 ** (BITS - 1 - k));
  const others = INITIAL.map((first, d) => {
    const [degree, polynomial] = [first.length, polynomials[d]];
    const v = new Uint32Array(BITS);
    for (let k = 0; k < BITS; k++) {
      if (k < degree) v[k] = first[k] * 2 ** (BITS - 1 - k);
      else {
        v[k] = v[k - degree] ^ (v[k - degree] >>> degree);
        for (let i = 1; i < degree; i++) if ((polynomial >> (degree - i)) & 1) v[k] ^= v[k - i];
      }
    }
    return v;
  });
  return [ones, ...others];
}

/** Primitive polynomials over the numbers 0 and 1, in order, as bits: x + 1 is 3. */
function primitivePolynomials(count: number): number[] {
  const found: number[] = [];
  for (let polynomial = 3; found.length < count; polynomial += 2) {
    if (isPrimitive(polynomial)) found.push(polynomial);
  }
  return found;
}

/** Whether the powers of x are all remainders but 0. */
function isPrimitive(polynomial: number): boolean {
  const degree = 31 - Math.clz32(polynomial);
  const period = 2 ** degree - 1;
  let power = 1;
  for (let n = 1; n <= period; n++) {
    power <<= 1;
    if (power >> degree) power ^= polynomial;
    if (power === 1) return n === period;
  }
  return false;
}

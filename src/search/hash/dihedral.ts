/** The eight ways to turn and mirror a picture, in the order in which hashes are given for them; turns are counterclockwise. */
export const dihedralNames = [
  'original',
  'rotate90',
  'rotate180',
  'rotate270',
  'flipX',
  'flipY',
  'flipPlus1',
  'flipMinus1',
] as const;

/** A way to turn or mirror a picture: 'flipX' exchanges top and bottom, 'flipY' left and right, the other two flip along a diagonal. */
export type Dihedral = (typeof dihedralNames)[number];

/** Whether rows and columns change places, and whether odd frequencies down (rows) and across (columns) change their sign. */
const changes: Record<Dihedral, readonly [transposes: boolean, down: boolean, across: boolean]> = {
  original: [false, false, false],
  rotate90: [true, false, true],
  rotate180: [false, true, true],
  rotate270: [true, true, false],
  flipX: [false, true, false],
  flipY: [false, false, true],
  flipPlus1: [true, false, false],
  flipMinus1: [true, true, true],
};

/**
 * The frequencies of the turned or mirrored picture, from those of the picture: the cosine transform of a mirrored signal differs in the signs of
 * odd frequencies, that of a transposed picture is transposed.
 *
 * Shapes: x [count, count] -> y [count, count]; `first` is the frequency of row 0.
 */
export function turned(x: Float32Array, count: number, first: 0 | 1, how: Dihedral): Float32Array {
  const [transposes, down, across] = changes[how];
  const y = new Float32Array(x.length);
  for (let u = 0; u < count; u++) {
    for (let v = 0; v < count; v++) {
      const flips = Number(down && (u + first) % 2 === 1) + Number(across && (v + first) % 2 === 1);
      y[transposes ? v * count + u : u * count + v] = flips === 1 ? -x[u * count + v] : x[u * count + v];
    }
  }
  return y;
}

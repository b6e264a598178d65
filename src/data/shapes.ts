/** How far (u, v) lies outside a shape: below 0 inside, 0 on its edge. Shapes fill about the disc of radius 1. */
export type SignedDistance = (u: number, v: number) => number;

/** From one stripe, square or dot to the next. */
const PERIOD = 0.7;

const TRIANGLE_SIDES = [0, 1, 2].map((k) => (2 * Math.PI * k) / 3 + Math.PI / 6);
const [COS_0, COS_1, COS_2] = TRIANGLE_SIDES.map(Math.cos);
const [SIN_0, SIN_1, SIN_2] = TRIANGLE_SIDES.map(Math.sin);

/** The normal of a star's edge from the tip (1, 0) to the notch at radius 0.42 and 36 degrees, and its distance from 0. */
const NOTCH_U = 0.42 * Math.cos(Math.PI / 5);
const NOTCH_V = 0.42 * Math.sin(Math.PI / 5);
const EDGE = Math.hypot(1 - NOTCH_U, NOTCH_V);
const STAR_U = NOTCH_V / EDGE;
const STAR_V = (1 - NOTCH_U) / EDGE;

/** The classes of the synthetic data set: seven outlines, and three patterns that fill a disc. */
export const SHAPES: ReadonlyMap<string, SignedDistance> = new Map<string, SignedDistance>([
  ['disc', (u, v) => Math.hypot(u, v) - 0.85],
  ['ring', (u, v) => Math.abs(Math.hypot(u, v) - 0.7) - 0.22],
  ['square', (u, v) => Math.max(Math.abs(u), Math.abs(v)) - 0.75],
  ['triangle', (u, v) => Math.max(u * COS_0 + v * SIN_0, u * COS_1 + v * SIN_1, u * COS_2 + v * SIN_2) - 0.52],
  ['star', star],
  ['cross', (u, v) => Math.min(bar(u, v), bar(v, u))],
  ['crescent', (u, v) => Math.max(Math.hypot(u, v) - 0.9, 0.75 - Math.hypot(u - 0.5, v))],
  ['stripes', (u, v) => inDisc(u, v, wave(u))],
  ['checker', (u, v) => inDisc(u, v, checker(u, v))],
  ['dots', (u, v) => inDisc(u, v, Math.hypot(wave(u) + PERIOD / 4, wave(v) + PERIOD / 4) - 0.21)],
]);

function bar(u: number, v: number): number {
  return Math.max(Math.abs(u) - 0.95, Math.abs(v) - 0.27);
}

function star(u: number, v: number): number {
  const sector = (2 * Math.PI) / 5;
  const radius = Math.hypot(u, v);
  const angle = Math.atan2(v, u);
  const folded = Math.abs(angle - sector * Math.round(angle / sector));
  return radius * Math.cos(folded) * STAR_U + radius * Math.sin(folded) * STAR_V - STAR_U;
}

/** A triangle wave between -PERIOD/4 and PERIOD/4: the distance to the edge of the nearest stripe. */
function wave(u: number): number {
  const t = u / PERIOD;
  return (Math.abs(t - Math.round(t)) - 0.25) * PERIOD;
}

function checker(u: number, v: number): number {
  const a = wave(u);
  const b = wave(v);
  const distance = Math.min(Math.abs(a), Math.abs(b));
  return a * b < 0 ? -distance : distance;
}

function inDisc(u: number, v: number, pattern: number): number {
  return Math.max(pattern, Math.hypot(u, v) - 1);
}

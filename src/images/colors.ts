/** The brightness of a color by ITU-R 601, in whole numbers: (19595 R + 38470 G + 7471 B) / 2^16, rounded. */
export function luma(r: number, g: number, b: number): number {
  return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
}

/** a b / 255, rounded. */
export function scaled(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

/** A number as a byte: cut off at 0 and 255, fractions dropped. */
export function clampToByte(value: number): number {
  return value >= 255 ? 255 : value > 0 ? Math.trunc(value) : 0;
}

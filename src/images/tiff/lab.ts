/** CIE Lab's white, D50. */
const WHITE = [0.9642, 1, 0.8249];
/** XYZ of D50 to linear sRGB, by Bradford's adaptation. */
const TO_RGB = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
];

function cubed(t: number): number {
  return t > 6 / 29 ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29);
}

function encoded(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}

/**
 * Turns CIE Lab into sRGB, in place: lightness from 0 to 255, and a and b of 8 bits with a sign.
 *
 * Source: TIFF 6.0, section 23; IEC 61966-2-1. Pillow asks littlecms, whose results may differ by a few levels.
 */
export function labToRgb(data: Uint8Array): Uint8Array {
  for (let i = 0; i < data.length; i += 3) {
    const y = ((data[i] * 100) / 255 + 16) / 116;
    const a = (data[i + 1] << 24) >> 24;
    const b = (data[i + 2] << 24) >> 24;
    const xyz = [y + a / 500, y, y - b / 200].map((t, c) => WHITE[c] * cubed(t));
    for (let c = 0; c < 3; c++)
      data[i + c] = encoded(TO_RGB[c][0] * xyz[0] + TO_RGB[c][1] * xyz[1] + TO_RGB[c][2] * xyz[2]);
  }
  return data;
}

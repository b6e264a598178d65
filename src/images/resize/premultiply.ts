/** Multiplies colors by their alpha, so that transparent pixels weigh nothing: c a / 255, rounded. */
export function premultiply(data: Uint8Array | Uint8ClampedArray): Uint8Array {
  const y = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3];
    for (let c = 0; c < 3; c++) {
      const product = data[i + c] * alpha + 128;
      y[i + c] = ((product >> 8) + product) >> 8;
    }
    y[i + 3] = alpha;
  }
  return y;
}

/** The way back, in place: 255 c / a, rounded down and clamped; pixels without color stay as they are. */
export function unpremultiply(data: Uint8Array): Uint8Array {
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3];
    if (alpha === 0 || alpha === 255) continue;
    for (let c = 0; c < 3; c++) data[i + c] = Math.min(255, Math.trunc((255 * data[i + c]) / alpha));
  }
  return data;
}

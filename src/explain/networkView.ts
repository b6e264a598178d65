import type { Preprocessing } from '../classifier/preprocessing.js';

/** What a network sees of a photograph, back in bytes. Shapes: [C, height, width] -> RGB [height, width, 3]. */
export function networkView(
  input: Float32Array,
  { size, mean, std, colorOrder }: Preprocessing,
): { width: number; height: number; data: Uint8Array } {
  const [height, width] = size;
  const plane = height * width;
  const data = new Uint8Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    const from = colorOrder === 'L' ? 0 : colorOrder === 'BGR' ? 2 - c : c;
    for (let p = 0; p < plane; p++) {
      const value = 255 * (input[from * plane + p] * std[from] + mean[from]);
      data[3 * p + c] = Math.max(0, Math.min(255, Math.round(value)));
    }
  }
  return { width, height, data };
}

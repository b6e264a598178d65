/** Waves and blocks in three colors, by integers: what tests/golden/photoHashes.py draws. */
export function drawnPicture(
  width: number,
  height: number,
  seed: number,
): { width: number; height: number; data: Uint8Array } {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const a = (x * (3 + c + seed) + y * (5 - c)) % 256;
        const b = (Math.floor(x / 17) * 73 + Math.floor(y / 23) * 151 + seed * 37 + c * 19) % 256;
        const d = Math.floor((x * x + y * y * (c + 1) + seed) / 97) % 256;
        data[at++] = Math.floor((a + 2 * b + d) / 4);
      }
    }
  }
  return { width, height, data };
}

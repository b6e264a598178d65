import { writeText } from '../../images/draw/smallText.js';

/** The points of photographs by width and height, darker where many lie, in a frame with the largest numbers. */
export function sizesPicture(sizes: readonly (readonly [width: number, height: number])[]): {
  width: number;
  height: number;
  data: Uint8Array;
} {
  const side = 360;
  const edge = 24;
  const most = Math.max(1, ...sizes.map(([w, h]) => Math.max(w, h)));
  const picture = {
    width: side + 2 * edge,
    height: side + 2 * edge,
    data: new Uint8Array((side + 2 * edge) ** 2 * 3).fill(255),
  };
  const put = (x: number, y: number, change: (value: number) => number): void => {
    const at = 3 * (y * picture.width + x);
    for (let c = 0; c < 3; c++) picture.data[at + c] = change(picture.data[at + c]);
  };
  for (let i = 0; i <= side; i++) {
    put(edge + i, edge + side, () => 90);
    put(edge, edge + i, () => 90);
    put(edge + i, edge + side - i, (value) => Math.min(value, 225));
  }
  for (const [w, h] of sizes) {
    const [x, y] = [edge + Math.round((w / most) * (side - 3)), edge + side - Math.round((h / most) * (side - 3))];
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) put(x + dx, y + dy, (value) => value * 0.6);
  }
  writeText(picture, `HEIGHT TO ${most}`, { left: edge, top: 6, scale: 2, color: [40, 40, 40] });
  writeText(picture, `WIDTH TO ${most}`, { left: side - 90, top: edge + side + 8, scale: 2, color: [40, 40, 40] });
  return picture;
}

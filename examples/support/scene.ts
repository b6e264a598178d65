import { Tensor } from 'stridenet';

type Color = readonly [red: number, green: number, blue: number];

/** A small landscape, drawn by rule: sky, sun, hills, a house and a fence. [1, 3, side, side], 0 to 1. */
export function drawScene(side: number): Tensor {
  const planes = new Float32Array(3 * side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const color = colorAt((column + 0.5) / side, (row + 0.5) / side);
      for (let c = 0; c < 3; c++) planes[(c * side + row) * side + column] = color[c];
    }
  }
  return Tensor.from(planes, [1, 3, side, side]);
}

/** The color at (x, y), both 0 to 1 from the upper left: the first thing that covers the point. */
function colorAt(x: number, y: number): Color {
  const inHouse = Math.abs(x - 0.36) < 0.16;
  if (y > 0.83 && y < 0.95 && (x * 24) % 1 < 0.35) return [0.93, 0.9, 0.84];
  if (Math.abs(y - 0.88) < 0.008) return [0.8, 0.76, 0.7];
  if (inHouse && y > 0.66 && y < 0.82 && Math.abs(x - 0.43) < 0.03) return [0.3, 0.17, 0.1];
  if (inHouse && Math.abs(y - 0.63) < 0.05 && Math.abs(x - 0.28) < 0.04) return [0.98, 0.9, 0.45];
  if (inHouse && y > 0.54 && y < 0.82) return brick(x, y);
  if (y > 0.36 && y < 0.54 && Math.abs(x - 0.36) < (y - 0.34) * 1.05) return [0.45, 0.13, 0.14];
  if (y > 0.74 + 0.05 * Math.sin(7 * x)) return [0.3 + 0.1 * Math.sin(90 * x) * Math.sin(70 * y), 0.55, 0.2];
  if (y > 0.6 - 0.12 * Math.sin(4 * x + 0.6)) return [0.2, 0.4, 0.28];
  if (Math.hypot(x - 0.78, y - 0.2) < 0.09) return [1, 0.85, 0.3];
  return [0.45 + 0.4 * y, 0.65 + 0.25 * y, 0.95];
}

function brick(x: number, y: number): Color {
  const row = Math.floor(y * 48);
  const mortar = (y * 48) % 1 < 0.18 || (x * 24 + (row % 2) / 2) % 1 < 0.1;
  return mortar ? [0.85, 0.78, 0.7] : [0.72, 0.36, 0.27];
}

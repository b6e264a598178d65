import type { PngHeader } from './header.js';

/** Pixels that lie together: every `stepX`-th of every `stepY`-th row, from (y, x) on. */
export interface Pass {
  x: number;
  y: number;
  stepX: number;
  stepY: number;
  /** In pixels. */
  width: number;
  height: number;
  rowBytes: number;
}

/** Adam7: x, y and the steps of each pass. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** The passes that a file is made of: one, or the seven of Adam7 without those that hold no pixel. */
export function passesOf({ width, height, depth, samples, isInterlaced }: PngHeader): Pass[] {
  return (isInterlaced ? ADAM7 : [[0, 0, 1, 1]])
    .map(([x, y, stepX, stepY]) => {
      const columns = Math.ceil((width - x) / stepX);
      const rowBytes = Math.ceil((columns * samples * depth) / 8);
      return { x, y, stepX, stepY, width: columns, height: Math.ceil((height - y) / stepY), rowBytes };
    })
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

import { writeText } from './smallText.js';

/** A small square picture, RGB row by row, in a row of the sheet. */
export interface SheetRow {
  title: string;
  tiles: readonly Uint8Array[];
}

const GAP = 4;
const TITLE = 18;

/** All rows of pictures of `side` x `side` one above another, each under its title, on white. At most `columns` pictures stand side by side. */
export function contactSheet(
  rows: readonly SheetRow[],
  side: number,
  columns: number,
): { width: number; height: number; data: Uint8Array } {
  const lines = rows.map(({ tiles }) => Math.max(1, Math.ceil(tiles.length / columns)));
  const width = columns * (side + GAP) + GAP;
  const height = lines.reduce((sum, count) => sum + TITLE + count * (side + GAP) + GAP, GAP);
  const sheet = { width, height, data: new Uint8Array(width * height * 3).fill(255) };
  let top = GAP;
  for (const [r, { title, tiles }] of rows.entries()) {
    writeText(sheet, title, { left: GAP, top: top + 3, scale: 2, color: [40, 40, 40] });
    top += TITLE;
    for (const [i, tile] of tiles.entries()) {
      const left = GAP + (i % columns) * (side + GAP);
      const row = top + Math.floor(i / columns) * (side + GAP);
      for (let y = 0; y < side; y++) {
        sheet.data.set(tile.subarray(3 * y * side, 3 * (y + 1) * side), 3 * ((row + y) * width + left));
      }
    }
    top += lines[r] * (side + GAP) + GAP;
  }
  return sheet;
}

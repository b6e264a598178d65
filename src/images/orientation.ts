/** Whether an orientation swaps width and height. */
export function swapsSides(orientation: number): boolean {
  return orientation >= 5 && orientation <= 8;
}

/** Whether the picture shows the file's rows from the last to the first, and its columns. */
const FROM_LAST_ROW = [3, 4, 6, 7];
const FROM_LAST_COLUMN = [2, 3, 7, 8];

/**
 * Turns pixels upright. The orientation says how they lie in the file: 1 upright, 2 mirrored, 3 upside down, 4 upside down and
 * mirrored; 5 to 8 with rows and columns swapped. Other numbers change nothing.
 *
 * Source: Exif 2.32, tag 0x0112.
 */
export function upright(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  orientation: number,
): { data: Uint8Array; width: number; height: number } {
  if (!(orientation >= 2 && orientation <= 8)) return { data, width, height };
  const isSwapped = swapsSides(orientation);
  const rowStep = FROM_LAST_ROW.includes(orientation) ? -width : width;
  const columnStep = FROM_LAST_COLUMN.includes(orientation) ? -1 : 1;
  const start = (rowStep < 0 ? (height - 1) * width : 0) + (columnStep < 0 ? width - 1 : 0);
  const [rows, columns] = isSwapped ? [width, height] : [height, width];
  const down = (isSwapped ? columnStep : rowStep) * channels;
  const right = (isSwapped ? rowStep : columnStep) * channels;
  const y = new Uint8Array(data.length);
  let at = 0;
  for (let i = 0; i < rows; i++) {
    let from = start * channels + i * down;
    for (let j = 0; j < columns; j++, from += right) {
      for (let c = 0; c < channels; c++) y[at++] = data[from + c];
    }
  }
  return { data: y, width: columns, height: rows };
}

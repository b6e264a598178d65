import type { Storage } from './storage.js';

/** Undoes the differences between neighbors in a row, in place. Values of 16 and 32 bits keep their byte order. */
export function undoPredictor(
  data: Uint8Array,
  rowBytes: number,
  { predictor, samples, layout, isLittle }: Storage,
): void {
  const bytes = layout.bits / 8;
  if (predictor === 3) {
    for (let from = 0; from + rowBytes <= data.length; from += rowBytes) {
      undoFloats(data.subarray(from, from + rowBytes), samples, bytes, isLittle);
    }
    return;
  }
  if (predictor !== 2) return;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let from = 0; from + rowBytes <= data.length; from += rowBytes) {
    const end = from + rowBytes;
    const step = samples * bytes;
    for (let i = from + step; i + bytes <= end; i += bytes) {
      if (bytes === 1) data[i] += data[i - step];
      else if (bytes === 2)
        view.setUint16(i, view.getUint16(i, isLittle) + view.getUint16(i - step, isLittle), isLittle);
      else view.setUint32(i, view.getUint32(i, isLittle) + view.getUint32(i - step, isLittle), isLittle);
    }
  }
}

/** The highest bytes of all values come first, then the second highest; each is the difference to the one before. */
function undoFloats(row: Uint8Array, samples: number, bytes: number, isLittle: boolean): void {
  for (let i = samples; i < row.length; i++) row[i] += row[i - samples];
  const apart = row.slice();
  const values = row.length / bytes;
  for (let i = 0; i < values; i++) {
    for (let b = 0; b < bytes; b++) row[i * bytes + (isLittle ? bytes - 1 - b : b)] = apart[b * values + i];
  }
}

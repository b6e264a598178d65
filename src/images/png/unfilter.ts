import { damaged } from '../source.js';

/**
 * Undoes the filters of `rows` rows, in place: row r lies at `from + r (rowBytes + 1)`, after the byte that names its filter. The result lies at `from`, without those bytes.
 *
 * Source: PNG (third edition), 9.
 */
export function unfilter(data: Uint8Array, from: number, rows: number, rowBytes: number, pixelBytes: number): void {
  let source = from;
  let at = from;
  for (let row = 0; row < rows; row++) {
    const filter = data[source++];
    data.copyWithin(at, source, source + rowBytes);
    source += rowBytes;
    const above = row === 0 ? -1 : at - rowBytes;
    if (filter === 1) undoSub(data, at, rowBytes, pixelBytes);
    else if (filter === 2) undoUp(data, at, rowBytes, above);
    else if (filter === 3) undoAverage(data, at, rowBytes, pixelBytes, above);
    else if (filter === 4) undoPaeth(data, at, rowBytes, pixelBytes, above);
    else if (filter !== 0) throw damaged('PNG', `row ${row} has filter ${filter}. There are 0 to 4.`);
    at += rowBytes;
  }
}

function undoSub(data: Uint8Array, at: number, rowBytes: number, pixelBytes: number): void {
  const end = at + rowBytes;
  for (let i = at + pixelBytes; i < end; i++) data[i] += data[i - pixelBytes];
}

function undoUp(data: Uint8Array, at: number, rowBytes: number, above: number): void {
  if (above < 0) return;
  for (let i = 0; i < rowBytes; i++) data[at + i] += data[above + i];
}

function undoAverage(data: Uint8Array, at: number, rowBytes: number, pixelBytes: number, above: number): void {
  for (let i = 0; i < rowBytes; i++) {
    const left = i < pixelBytes ? 0 : data[at + i - pixelBytes];
    const up = above < 0 ? 0 : data[above + i];
    data[at + i] += (left + up) >> 1;
  }
}

function undoPaeth(data: Uint8Array, at: number, rowBytes: number, pixelBytes: number, above: number): void {
  if (above < 0) {
    undoSub(data, at, rowBytes, pixelBytes);
    return;
  }
  for (let i = 0; i < pixelBytes && i < rowBytes; i++) data[at + i] += data[above + i];
  for (let i = pixelBytes; i < rowBytes; i++) {
    const a = data[at + i - pixelBytes];
    const b = data[above + i];
    const c = data[above + i - pixelBytes];
    // Distances of a + b - c to a, b and c.
    const toA = Math.abs(b - c);
    const toB = Math.abs(a - c);
    const toC = Math.abs(a + b - 2 * c);
    data[at + i] += toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
  }
}

import type { StateEntry } from '../base/stateDict.js';

/** [H, W, I, O] as [O, I, H, W]. */
export function outputsFirst({ shape: [height, width, inputs, outputs], data }: StateEntry): Float32Array {
  const taps = height * width;
  const out = new Float32Array(data.length);
  let at = 0;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < taps; tap++) out[at++] = data[(tap * inputs + i) * outputs + o];
    }
  }
  return out;
}

/** [rows, columns] as [columns, rows]. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  let at = 0;
  for (let c = 0; c < columns; c++) for (let r = 0; r < rows; r++) out[at++] = data[r * columns + c];
  return out;
}

import type { Floats } from '../../../memory/memory.js';
import type { LinearGeometry } from '../../contracts/matrix.js';
import type { EpilogueValues } from '../conv/epilogue.js';
import { dots } from './gemmProgram.js';

/** Rows of x times rows of w: both lie along the sum, so nothing is packed, and a single row reads each weight once. */
export function linearFused(y: Floats, x: Floats, w: Floats, finish: EpilogueValues, g: LinearGeometry): void {
  const { batch, inFeatures, outFeatures } = g;
  const row = 4 * inFeatures;
  const sizes = { rows: batch, columns: outFeatures, k: inFeatures };
  const strides = { strideA: row, strideB: row, strideC: 4 * outFeatures };
  const perUnit = 4 * inFeatures * Math.max(1, batch);
  dots.runGroups(
    [{ c: y.byteOffset, a: x.byteOffset, b: w.byteOffset }, sizes, strides, finish],
    Math.ceil(outFeatures / 4),
    Math.max(1, Math.ceil(32768 / perUnit)),
  );
}

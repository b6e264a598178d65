import type { Floats } from '../../../memory/memory.js';
import type { LinearGeometry } from '../../contracts/matrix.js';
import type { EpilogueValues } from '../conv/epilogue.js';
import { gemm } from './gemmProgram.js';

/** Rows of x times rows of w: both lie along the sum, so nothing is packed, and a single row reads each weight once. */
export function linearFused(y: Floats, x: Floats, w: Floats, finish: EpilogueValues, g: LinearGeometry): void {
  const { batch, inFeatures, outFeatures } = g;
  const row = 4 * inFeatures;
  const sizes = [batch, outFeatures, inFeatures, row, row, 4 * outFeatures];
  const perUnit = 4 * inFeatures * Math.max(1, batch);
  gemm.run(
    'dots',
    [y.byteOffset, x.byteOffset, w.byteOffset, ...sizes, ...finish],
    Math.ceil(outFeatures / 4),
    Math.max(1, Math.ceil(32768 / perUnit)),
  );
}

import type { Floats } from '../../../memory/memory.js';
import type { LayerNormGeometry } from '../../contracts/normalization.js';
import { grainOf, pointerTo } from '../elementwise/steps.js';
import { COLUMNS, forwardName, layerNormProgram as program } from './layerNormProgram.js';

/** Sums run in float32 lanes over at most 1024 values and go on in doubles: off by 70 u of the sum of magnitudes at most. */
export function layerNorm(
  y: Floats,
  mean: Floats,
  invStd: Floats,
  x: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: LayerNormGeometry,
): void {
  const pointers = [y, x, mean, invStd, weight, bias].map(pointerTo);
  program.run(forwardName(weight !== null, bias !== null), [...pointers, g.eps, g.size], g.rows, grainOf(g.size));
}

export function layerNormBackward(
  dx: Floats | null,
  dWeight: Floats | null,
  dBias: Floats | null,
  dy: Floats,
  x: Floats,
  mean: Floats,
  invStd: Floats,
  weight: Floats | null,
  g: LayerNormGeometry,
): void {
  if (dWeight !== null || dBias !== null) {
    const pointers = [dWeight, dBias, dy, x, mean, invStd, weight].map(pointerTo);
    program.run('columns', [...pointers, g.rows, g.size], Math.ceil(g.size / COLUMNS), grainOf(g.rows * COLUMNS));
  }
  if (dx === null) return;
  const pointers = [dx, dy, x, mean, invStd, weight].map(pointerTo);
  program.run(weight === null ? 'input' : 'inputWeight', [...pointers, g.size], g.rows, grainOf(g.size));
}

import type { Floats } from '../../../memory/memory.js';
import type { LayerNormGeometry } from '../../contracts/normalization.js';
import { grainOf, pointerTo } from '../elementwise/steps.js';
import { COLUMNS, columns, forward, forwardName, input, inputWeight } from './layerNormProgram.js';

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
  const { eps, size } = g;
  const values = { y: y.byteOffset, ...statistics(x, mean, invStd, weight), bias: pointerTo(bias), eps, size };
  forward[forwardName(weight !== null, bias !== null)].run(values, g.rows, grainOf(size));
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
  const { rows, size } = g;
  const shared = { dy: dy.byteOffset, ...statistics(x, mean, invStd, weight), size };
  if (dWeight !== null || dBias !== null) {
    const values = { dWeight: pointerTo(dWeight), dBias: pointerTo(dBias), ...shared, rows };
    columns.run(values, Math.ceil(size / COLUMNS), grainOf(rows * COLUMNS));
  }
  if (dx === null) return;
  (weight === null ? input : inputWeight).run({ dx: dx.byteOffset, ...shared }, rows, grainOf(size));
}

function statistics(x: Floats, mean: Floats, invStd: Floats, weight: Floats | null) {
  return { x: x.byteOffset, mean: mean.byteOffset, invStd: invStd.byteOffset, weight: pointerTo(weight) };
}

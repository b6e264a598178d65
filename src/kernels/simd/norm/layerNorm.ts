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
  const values = { y: y.byteOffset, bias: pointerTo(bias), eps, size };
  forward[forwardName(weight !== null, bias !== null)].runGroups(
    [values, statistics(x, mean, invStd, weight)],
    g.rows,
    grainOf(size),
  );
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
  const shared = { dy: dy.byteOffset, size };
  const inputs = statistics(x, mean, invStd, weight);
  if (dWeight !== null || dBias !== null) {
    const values = { dWeight: pointerTo(dWeight), dBias: pointerTo(dBias), rows };
    columns.runGroups([values, shared, inputs], Math.ceil(size / COLUMNS), grainOf(rows * COLUMNS));
  }
  if (dx === null) return;
  (weight === null ? input : inputWeight).runGroups([{ dx: dx.byteOffset }, shared, inputs], rows, grainOf(size));
}

function statistics(x: Floats, mean: Floats, invStd: Floats, weight: Floats | null) {
  return { x: x.byteOffset, mean: mean.byteOffset, invStd: invStd.byteOffset, weight: pointerTo(weight) };
}

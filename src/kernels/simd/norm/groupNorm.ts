import type { Floats } from '../../../memory/memory.js';
import type { GroupNormGeometry } from '../../contracts/normalization.js';
import { grainOf, pointerTo } from '../elementwise/steps.js';
import { groupNormProgram as program } from './groupNormProgram.js';

/** Sums run in float32 lanes over at most 1024 values and go on in doubles: off by 70 u of the sum of magnitudes at most. */
export function groupNorm(
  y: Floats,
  mean: Floats,
  invStd: Floats,
  x: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: GroupNormGeometry,
): void {
  const pointers = [y, x, mean, invStd, weight, bias].map(pointerTo);
  program.run('forward', [...pointers, g.eps, ...shape(g)], g.batch * g.groups, groupGrain(g));
}

export function groupNormBackward(
  dx: Floats | null,
  dWeight: Floats | null,
  dBias: Floats | null,
  dy: Floats,
  x: Floats,
  mean: Floats,
  invStd: Floats,
  weight: Floats | null,
  g: GroupNormGeometry,
): void {
  if (dWeight !== null || dBias !== null) {
    const pointers = [dWeight, dBias, dy, x, mean, invStd, weight].map(pointerTo);
    program.run('channels', [...pointers, ...shape(g)], g.channels, grainOf(g.batch * g.spatial));
  }
  if (dx === null) return;
  const pointers = [dx, dy, x, mean, invStd, weight].map(pointerTo);
  program.run('input', [...pointers, ...shape(g)], g.batch * g.groups, groupGrain(g));
}

function shape(g: GroupNormGeometry): number[] {
  return [g.batch, g.channels, g.spatial, g.groups, g.channels / g.groups];
}

function groupGrain(g: GroupNormGeometry): number {
  return grainOf((g.channels / g.groups) * g.spatial);
}

import type { Floats } from '../../../memory/memory.js';
import type { GroupNormGeometry } from '../../contracts/normalization.js';
import { grainOf, pointerTo } from '../elementwise/steps.js';
import { channels, forward, input } from './groupNormProgram.js';

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
  const values = { y: y.byteOffset, bias: pointerTo(bias), eps: g.eps };
  forward.runGroups([values, statistics(x, mean, invStd, weight), shape(g)], g.batch * g.groups, groupGrain(g));
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
  const inputs = statistics(x, mean, invStd, weight);
  const sizes = shape(g);
  if (dWeight !== null || dBias !== null) {
    const values = { dWeight: pointerTo(dWeight), dBias: pointerTo(dBias), dy: dy.byteOffset };
    channels.runGroups([values, inputs, sizes], g.channels, grainOf(g.batch * g.spatial));
  }
  if (dx === null) return;
  input.runGroups([{ dx: dx.byteOffset, dy: dy.byteOffset }, inputs, sizes], g.batch * g.groups, groupGrain(g));
}

function shape({ batch, channels, spatial, groups }: GroupNormGeometry) {
  return { batch, channels, spatial, groups, groupChannels: channels / groups };
}

function statistics(x: Floats, mean: Floats, invStd: Floats, weight: Floats | null) {
  return { x: x.byteOffset, mean: mean.byteOffset, invStd: invStd.byteOffset, weight: pointerTo(weight) };
}

function groupGrain(g: GroupNormGeometry): number {
  return grainOf((g.channels / g.groups) * g.spatial);
}

import type { Floats } from '../../../memory/memory.js';
import type { BatchNormGeometry } from '../../contracts/normalization.js';
import { grainOf, pointerTo } from '../elementwise/steps.js';
import { backwardName, batchNormProgram as program } from './batchNormProgram.js';
import { BLOCK } from './moments.js';

/** Sums run in float32 lanes over at most 1024 values and go on in doubles: off by 70 u of the sum of magnitudes at most. */
export function batchNormStatistics(mean: Floats, variance: Floats, x: Floats, g: BatchNormGeometry): void {
  const values = [mean.byteOffset, variance.byteOffset, x.byteOffset, ...shape(g)];
  program.run('statistics', values, g.channels, grainOf(g.batch * g.spatial));
}

export function batchNorm(
  y: Floats,
  x: Floats,
  mean: Floats,
  variance: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: BatchNormGeometry,
): void {
  const values = [y.byteOffset, x.byteOffset, ...channelValues(mean, variance, weight, bias), ...shape(g)];
  program.run(g.relu ? 'forwardRelu' : 'forward', values, g.batch * g.channels, grainOf(g.spatial));
}

export function batchNormFold(
  scale: Floats,
  shift: Floats,
  mean: Floats,
  variance: Floats,
  weight: Floats | null,
  bias: Floats | null,
  b: Floats | null,
  eps: number,
): void {
  const values = [
    scale.byteOffset,
    shift.byteOffset,
    ...channelValues(mean, variance, weight, bias),
    pointerTo(b),
    eps,
  ];
  program.run('fold', values, scale.length, grainOf(1));
}

export function batchNormBackward(
  dx: Floats | null,
  dWeight: Floats | null,
  dBias: Floats | null,
  dy: Floats,
  x: Floats,
  mean: Floats,
  variance: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: BatchNormGeometry,
): void {
  const gradients = [pointerTo(dx), pointerTo(dWeight), pointerTo(dBias), dy.byteOffset, x.byteOffset];
  const values = [...gradients, ...channelValues(mean, variance, weight, bias), ...shape(g)];
  program.run(backwardName('backward', g.relu, dx === dy), values, g.channels, grainOf(g.batch * g.spatial));
}

export function batchNormEvalBackward(
  dx: Floats | null,
  dWeight: Floats | null,
  dBias: Floats | null,
  dy: Floats,
  x: Floats,
  mean: Floats,
  variance: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: BatchNormGeometry,
): void {
  const gradients = [pointerTo(dx), pointerTo(dWeight), pointerTo(dBias), dy.byteOffset, x.byteOffset];
  const values = [...gradients, ...channelValues(mean, variance, weight, bias), ...shape(g)];
  program.run(backwardName('evalBackward', g.relu, dx === dy), values, g.channels, grainOf(g.batch * g.spatial));
}

export function batchNormUpdateRunning(
  runningMean: Floats,
  runningVar: Floats,
  mean: Floats,
  variance: Floats,
  momentum: number,
  g: BatchNormGeometry,
): void {
  const count = g.batch * g.spatial;
  const pointers = [runningMean, runningVar, mean, variance].map((t) => t.byteOffset);
  program.run('running', [...pointers, 1 - momentum, momentum, count / (count - 1)], g.channels, grainOf(1));
}

function shape(g: BatchNormGeometry): number[] {
  return [g.batch, g.channels, g.spatial, Math.max(1, Math.floor(BLOCK / Math.max(1, g.spatial))), g.eps];
}

function channelValues(mean: Floats, variance: Floats, weight: Floats | null, bias: Floats | null): number[] {
  return [mean.byteOffset, variance.byteOffset, pointerTo(weight), pointerTo(bias)];
}

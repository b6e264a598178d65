import type { Floats } from '../../../memory/memory.js';
import type { BatchNormGeometry } from '../../contracts/normalization.js';
import { grainOf, pointerTo } from '../elementwise/steps.js';
import { backward, backwardName, fold, forward, running, statistics } from './batchNormProgram.js';
import { BLOCK } from './moments.js';

/** Sums run in float32 lanes over at most 1024 values and go on in doubles: off by 70 u of the sum of magnitudes at most. */
export function batchNormStatistics(mean: Floats, variance: Floats, x: Floats, g: BatchNormGeometry): void {
  const pointers = { mean: mean.byteOffset, variance: variance.byteOffset, x: x.byteOffset };
  statistics.runGroups([pointers, shape(g)], g.channels, grainOf(g.batch * g.spatial));
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
  const channels = channelValues(mean, variance, weight, bias);
  const groups = [{ y: y.byteOffset, x: x.byteOffset }, channels, shape(g)] as const;
  forward[g.relu ? 'forwardRelu' : 'forward'].runGroups(groups, g.batch * g.channels, grainOf(g.spatial));
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
  const channels = channelValues(mean, variance, weight, bias);
  const values = { scale: scale.byteOffset, shift: shift.byteOffset, b: pointerTo(b), eps };
  fold.runGroups([values, channels], scale.length, grainOf(1));
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
  const gradients = { dx: pointerTo(dx), dWeight: pointerTo(dWeight), dBias: pointerTo(dBias) };
  const tensors = { dy: dy.byteOffset, x: x.byteOffset };
  const groups = [gradients, tensors, channelValues(mean, variance, weight, bias), shape(g)] as const;
  backward[backwardName('backward', g.relu, dx === dy)].runGroups(groups, g.channels, grainOf(g.batch * g.spatial));
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
  const gradients = { dx: pointerTo(dx), dWeight: pointerTo(dWeight), dBias: pointerTo(dBias) };
  const tensors = { dy: dy.byteOffset, x: x.byteOffset };
  const groups = [gradients, tensors, channelValues(mean, variance, weight, bias), shape(g)] as const;
  backward[backwardName('evalBackward', g.relu, dx === dy)].runGroups(groups, g.channels, grainOf(g.batch * g.spatial));
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
  const pointers = {
    runningMean: runningMean.byteOffset,
    runningVar: runningVar.byteOffset,
    mean: mean.byteOffset,
    variance: variance.byteOffset,
  };
  running.runGroups(
    [pointers, { keep: 1 - momentum, momentum, unbiased: count / (count - 1) }],
    g.channels,
    grainOf(1),
  );
}

function shape({ batch, channels, spatial, eps }: BatchNormGeometry) {
  return { batch, channels, spatial, blockImages: Math.max(1, Math.floor(BLOCK / Math.max(1, spatial))), eps };
}

function channelValues(mean: Floats, variance: Floats, weight: Floats | null, bias: Floats | null) {
  return {
    mean: mean.byteOffset,
    variance: variance.byteOffset,
    weight: pointerTo(weight),
    bias: pointerTo(bias),
  };
}

import type { Floats } from '../../memory/memory.js';
import type { GroupNormGeometry } from '../contracts/normalization.js';

/**
 * The definition of group normalization: z = (x - mean) / sqrt(variance + eps) over the channels of a group and all their
 * pixels, in one image; y = z weight[c] + bias[c].
 */
export function groupNorm(
  y: Floats,
  mean: Floats,
  invStd: Floats,
  x: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: GroupNormGeometry,
): void {
  // The channels of a group are neighbors, so a group is one run of `count` numbers.
  const count = (g.channels / g.groups) * g.spatial;
  for (let group = 0; group < g.batch * g.groups; group++) {
    // (1) statistics of the group
    let sum = 0;
    for (let i = 0; i < count; i++) sum += x[group * count + i];
    const m = sum / count;
    let squares = 0;
    for (let i = 0; i < count; i++) squares += (x[group * count + i] - m) ** 2;
    const scale = 1 / Math.sqrt(squares / count + g.eps);
    mean[group] = m;
    invStd[group] = scale;
    // (2) normalize
    for (let i = 0; i < count; i++) {
      const at = group * count + i;
      const c = Math.floor(at / g.spatial) % g.channels;
      y[at] = (x[at] - m) * scale * (weight === null ? 1 : weight[c]) + (bias === null ? 0 : bias[c]);
    }
  }
}

/**
 * dBias[c] = sum of dy, dWeight[c] = sum of dy z, and in each group, with d = dy weight[c],
 * dx = invStd (d - mean(d) - z mean(d z)): the mean and the variance of the group depend on x too.
 */
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
  const count = (g.channels / g.groups) * g.spatial;
  // (1) weight and bias: over all images and pixels of each channel
  for (let c = 0; c < g.channels; c++) {
    let sumDy = 0;
    let sumDyZ = 0;
    for (let n = 0; n < g.batch; n++) {
      for (let i = 0; i < g.spatial; i++) {
        const at = (n * g.channels + c) * g.spatial + i;
        const group = Math.floor(at / count);
        sumDy += dy[at];
        sumDyZ += dy[at] * (x[at] - mean[group]) * invStd[group];
      }
    }
    if (dWeight !== null) dWeight[c] += sumDyZ;
    if (dBias !== null) dBias[c] += sumDy;
  }
  if (dx === null) return;
  for (let group = 0; group < g.batch * g.groups; group++) {
    // (2) sums over the group
    let sumD = 0;
    let sumDZ = 0;
    for (let i = 0; i < count; i++) {
      const at = group * count + i;
      const c = Math.floor(at / g.spatial) % g.channels;
      const d = dy[at] * (weight === null ? 1 : weight[c]);
      sumD += d;
      sumDZ += d * (x[at] - mean[group]) * invStd[group];
    }
    // (3) dx
    for (let i = 0; i < count; i++) {
      const at = group * count + i;
      const c = Math.floor(at / g.spatial) % g.channels;
      const d = dy[at] * (weight === null ? 1 : weight[c]);
      const z = (x[at] - mean[group]) * invStd[group];
      dx[at] += invStd[group] * (d - sumD / count - (z * sumDZ) / count);
    }
  }
}

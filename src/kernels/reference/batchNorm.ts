import type { Floats } from '../../memory/memory.js';
import type { BatchNormGeometry } from '../contracts/normalization.js';

/** The mean of each channel over all images and pixels, and the mean squared distance from it: first one, then the other. */
export function batchNormStatistics(mean: Floats, variance: Floats, x: Floats, g: BatchNormGeometry): void {
  const count = g.batch * g.spatial;
  for (let c = 0; c < g.channels; c++) {
    // (1) the mean
    let sum = 0;
    for (let n = 0; n < g.batch; n++) {
      for (let i = 0; i < g.spatial; i++) sum += x[(n * g.channels + c) * g.spatial + i];
    }
    const m = sum / count;
    // (2) the variance, around the mean: E[x^2] - E[x]^2 would cancel where the mean is large
    let squares = 0;
    for (let n = 0; n < g.batch; n++) {
      for (let i = 0; i < g.spatial; i++) squares += (x[(n * g.channels + c) * g.spatial + i] - m) ** 2;
    }
    mean[c] = m;
    variance[c] = squares / count;
  }
}

/** (x + b - mean) / sqrt(variance + eps) * weight + bias = scale * x + shift */
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
  for (let c = 0; c < scale.length; c++) {
    const factor = (weight === null ? 1 : weight[c]) / Math.sqrt(variance[c] + eps);
    scale[c] = factor;
    shift[c] = (bias === null ? 0 : bias[c]) + ((b === null ? 0 : b[c]) - mean[c]) * factor;
  }
}

/** y = (x - mean[c]) / sqrt(variance[c] + eps) * weight[c] + bias[c], then the rectifier if there is one. */
export function batchNorm(
  y: Floats,
  x: Floats,
  mean: Floats,
  variance: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: BatchNormGeometry,
): void {
  for (let n = 0; n < g.batch; n++) {
    for (let c = 0; c < g.channels; c++) {
      const scale = (weight === null ? 1 : weight[c]) / Math.sqrt(variance[c] + g.eps);
      const shift = bias === null ? 0 : bias[c];
      for (let i = 0; i < g.spatial; i++) {
        const at = (n * g.channels + c) * g.spatial + i;
        const v = (x[at] - mean[c]) * scale + shift;
        y[at] = g.relu ? Math.max(v, 0) : v;
      }
    }
  }
}

/**
 * With z = (x - mean) / sqrt(variance + eps), and mean and variance depending on x:
 *
 * dBias = sum of dy, dWeight = sum of dy z, dx = weight / sqrt(variance + eps) (dy - mean(dy) - z mean(dy z))
 *
 * where a rectifier lets only the dy count whose y is positive. The two means are what is lost because a channel's z always has mean 0 and variance 1 (Ioffe and Szegedy 2015, section 3).
 */
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
  const count = g.batch * g.spatial;
  for (let c = 0; c < g.channels; c++) {
    const m = mean[c];
    const invStd = 1 / Math.sqrt(variance[c] + g.eps);
    const scale = (weight === null ? 1 : weight[c]) * invStd;
    const shift = bias === null ? 0 : bias[c];
    // (1) sum of dy and of dy z
    let sumDy = 0;
    let sumDyZ = 0;
    for (let n = 0; n < g.batch; n++) {
      for (let i = 0; i < g.spatial; i++) {
        const at = (n * g.channels + c) * g.spatial + i;
        const d = passing(dy[at], (x[at] - m) * scale + shift, g.relu);
        sumDy += d;
        sumDyZ += d * (x[at] - m) * invStd;
      }
    }
    if (dWeight !== null) dWeight[c] += sumDyZ;
    if (dBias !== null) dBias[c] += sumDy;
    if (dx === null) continue;
    // (2) dx, which may stand in the place of dy
    for (let n = 0; n < g.batch; n++) {
      for (let i = 0; i < g.spatial; i++) {
        const at = (n * g.channels + c) * g.spatial + i;
        const z = (x[at] - m) * invStd;
        const d = passing(dy[at], (x[at] - m) * scale + shift, g.relu);
        dx[at] = (dx === dy ? 0 : dx[at]) + scale * (d - sumDy / count - (z * sumDyZ) / count);
      }
    }
  }
}

/** What a rectifier behind v lets through of its gradient. */
function passing(dy: number, v: number, relu: boolean): number {
  return relu && !(v > 0) ? 0 : dy;
}

import type { Floats } from '../../memory/memory.js';
import type { BatchNormGeometry } from '../contracts/normalization.js';

export { batchNormFold } from '../reference/batchNorm.js';

import { addSlope, channelSums } from './batchNormSums.js';

/** [v, 0], the two possible results of the rectifier: an index is computed where a branch would be mispredicted. */
const choice = new Float64Array(2);

/** Channel by channel over contiguous planes, with four running sums: one would wait for its last addition each time. */
export function batchNormStatistics(mean: Floats, variance: Floats, x: Floats, g: BatchNormGeometry): void {
  const batch = g.batch;
  const channels = g.channels;
  const spatial = g.spatial;
  const count = batch * spatial;
  for (let c = 0; c < channels; c++) {
    // (1) the mean
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let n = 0; n < batch; n++) {
      let i = (n * channels + c) * spatial;
      const end = i + spatial;
      for (; i + 3 < end; i += 4) {
        s0 += x[i];
        s1 += x[i + 1];
        s2 += x[i + 2];
        s3 += x[i + 3];
      }
      for (; i < end; i++) s0 += x[i];
    }
    const m = (s0 + s1 + (s2 + s3)) / count;
    // (2) the variance, around the mean
    s0 = 0;
    s1 = 0;
    s2 = 0;
    s3 = 0;
    for (let n = 0; n < batch; n++) {
      let i = (n * channels + c) * spatial;
      const end = i + spatial;
      for (; i + 3 < end; i += 4) {
        const d0 = x[i] - m;
        const d1 = x[i + 1] - m;
        const d2 = x[i + 2] - m;
        const d3 = x[i + 3] - m;
        s0 += d0 * d0;
        s1 += d1 * d1;
        s2 += d2 * d2;
        s3 += d3 * d3;
      }
      for (; i < end; i++) s0 += (x[i] - m) * (x[i] - m);
    }
    mean[c] = m;
    variance[c] = (s0 + s1 + (s2 + s3)) / count;
  }
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
  const batch = g.batch;
  const channels = g.channels;
  const spatial = g.spatial;
  const eps = g.eps;
  let i = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const m = mean[c];
      const scale = (weight === null ? 1 : weight[c]) / Math.sqrt(variance[c] + eps);
      const shift = bias === null ? 0 : bias[c];
      const end = i + spatial;
      if (g.relu) {
        for (; i < end; i++) {
          const v = (x[i] - m) * scale + shift;
          choice[0] = v;
          y[i] = choice[Number(v <= 0)];
        }
      } else {
        for (; i < end; i++) y[i] = (x[i] - m) * scale + shift;
      }
    }
  }
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
  const count = g.batch * g.spatial;
  for (let c = 0; c < g.channels; c++) {
    const m = mean[c];
    const invStd = 1 / Math.sqrt(variance[c] + g.eps);
    const scale = (weight === null ? 1 : weight[c]) * invStd;
    const shift = bias === null ? 0 : bias[c];
    // (1) sum of dy and of dy z; the factor invStd of z waits until the end
    const sums = channelSums(dy, x, c, m, scale, shift, g);
    const sumDyZ = sums.dyX * invStd;
    if (dWeight !== null) dWeight[c] += sumDyZ;
    if (dBias !== null) dBias[c] += sums.dy;
    // (2) dx = scale (dy - mean(dy) - (x - m) invStd mean(dy z))
    if (dx !== null) addSlope(dx, dy, x, c, m, scale, shift, sums.dy / count, (sumDyZ / count) * invStd, g);
  }
}

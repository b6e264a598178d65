import type { Floats } from '../../memory.js';
import type { BatchNormGeometry } from '../contracts/normalization.js';

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
      for (; i < end; i++) y[i] = (x[i] - m) * scale + shift;
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
  g: BatchNormGeometry,
): void {
  const batch = g.batch;
  const channels = g.channels;
  const spatial = g.spatial;
  const count = batch * spatial;
  const eps = g.eps;
  for (let c = 0; c < channels; c++) {
    const m = mean[c];
    const invStd = 1 / Math.sqrt(variance[c] + eps);
    // (1) sum of dy and of dy z; the factor invStd of z waits until the end
    let a0 = 0;
    let a1 = 0;
    let b0 = 0;
    let b1 = 0;
    for (let n = 0; n < batch; n++) {
      let i = (n * channels + c) * spatial;
      const end = i + spatial;
      for (; i + 1 < end; i += 2) {
        const d0 = dy[i];
        const d1 = dy[i + 1];
        a0 += d0;
        a1 += d1;
        b0 += d0 * (x[i] - m);
        b1 += d1 * (x[i + 1] - m);
      }
      if (i < end) {
        a0 += dy[i];
        b0 += dy[i] * (x[i] - m);
      }
    }
    const sumDy = a0 + a1;
    const sumDyZ = (b0 + b1) * invStd;
    if (dWeight !== null) dWeight[c] += sumDyZ;
    if (dBias !== null) dBias[c] += sumDy;
    if (dx === null) continue;
    // (2) dx = scale (dy - mean(dy) - (x - m) invStd mean(dy z))
    const scale = (weight === null ? 1 : weight[c]) * invStd;
    const meanDy = sumDy / count;
    const slope = (sumDyZ / count) * invStd;
    for (let n = 0; n < batch; n++) {
      let i = (n * channels + c) * spatial;
      const end = i + spatial;
      for (; i < end; i++) dx[i] += scale * (dy[i] - meanDy - (x[i] - m) * slope);
    }
  }
}

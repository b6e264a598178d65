import type { Floats } from '../../memory/memory.js';
import type { LayerNormGeometry } from '../contracts/normalization.js';

/** Row by row, all contiguous; the questions whether there is a weight and a bias are asked once a row. */
export function layerNorm(
  y: Floats,
  mean: Floats,
  invStd: Floats,
  x: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: LayerNormGeometry,
): void {
  const rows = g.rows;
  const size = g.size;
  const eps = g.eps;
  for (let row = 0; row < rows; row++) {
    const start = row * size;
    const end = start + size;
    // (1) statistics of the row
    let sum = 0;
    for (let i = start; i < end; i++) sum += x[i];
    const m = sum / size;
    let squares = 0;
    for (let i = start; i < end; i++) squares += (x[i] - m) * (x[i] - m);
    const scale = 1 / Math.sqrt(squares / size + eps);
    mean[row] = m;
    invStd[row] = scale;
    // (2) normalize
    if (weight !== null && bias !== null) {
      for (let i = start, j = 0; j < size; i++, j++) y[i] = (x[i] - m) * scale * weight[j] + bias[j];
    } else if (weight !== null) {
      for (let i = start, j = 0; j < size; i++, j++) y[i] = (x[i] - m) * scale * weight[j];
    } else if (bias !== null) {
      for (let i = start, j = 0; j < size; i++, j++) y[i] = (x[i] - m) * scale + bias[j];
    } else {
      for (let i = start; i < end; i++) y[i] = (x[i] - m) * scale;
    }
  }
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
  if (dWeight !== null || dBias !== null) columnSums(dWeight, dBias, dy, x, mean, invStd, g);
  if (dx === null) return;
  const rows = g.rows;
  const size = g.size;
  for (let row = 0; row < rows; row++) {
    const start = row * size;
    const m = mean[row];
    const scale = invStd[row];
    // (2) sums along the row
    let sumD = 0;
    let sumDX = 0;
    for (let i = start, j = 0; j < size; i++, j++) {
      const d = weight === null ? dy[i] : dy[i] * weight[j];
      sumD += d;
      sumDX += d * (x[i] - m);
    }
    // (3) dx = scale (d - mean(d) - (x - m) scale^2 mean(d (x - m)))
    const meanD = sumD / size;
    const slope = (sumDX / size) * scale * scale;
    for (let i = start, j = 0; j < size; i++, j++) {
      const d = weight === null ? dy[i] : dy[i] * weight[j];
      dx[i] += scale * (d - meanD - (x[i] - m) * slope);
    }
  }
}

/** (1) weight and bias: down four columns at a time, which share their cache lines. */
function columnSums(
  dWeight: Floats | null,
  dBias: Floats | null,
  dy: Floats,
  x: Floats,
  mean: Floats,
  invStd: Floats,
  g: LayerNormGeometry,
): void {
  const rows = g.rows;
  const size = g.size;
  for (let j = 0; j < size; j += 4) {
    // Past the last column the last one is summed again and thrown away.
    const j1 = j + 1 < size ? j + 1 : j;
    const j2 = j + 2 < size ? j + 2 : j;
    const j3 = j + 3 < size ? j + 3 : j;
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    let b3 = 0;
    for (let row = 0, at = 0; row < rows; row++, at += size) {
      const m = mean[row];
      const scale = invStd[row];
      const d0 = dy[at + j];
      const d1 = dy[at + j1];
      const d2 = dy[at + j2];
      const d3 = dy[at + j3];
      a0 += d0;
      a1 += d1;
      a2 += d2;
      a3 += d3;
      b0 += d0 * (x[at + j] - m) * scale;
      b1 += d1 * (x[at + j1] - m) * scale;
      b2 += d2 * (x[at + j2] - m) * scale;
      b3 += d3 * (x[at + j3] - m) * scale;
    }
    if (dBias !== null) {
      dBias[j] += a0;
      if (j1 > j) dBias[j1] += a1;
      if (j2 > j) dBias[j2] += a2;
      if (j3 > j) dBias[j3] += a3;
    }
    if (dWeight !== null) {
      dWeight[j] += b0;
      if (j1 > j) dWeight[j1] += b1;
      if (j2 > j) dWeight[j2] += b2;
      if (j3 > j) dWeight[j3] += b3;
    }
  }
}

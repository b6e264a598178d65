import type { Floats } from '../../memory/memory.js';
import type { LayerNormGeometry } from '../contracts/normalization.js';

/** The definition of layer normalization: z = (x - mean of the row) / sqrt(variance of the row + eps), y = z weight[j] + bias[j]. */
export function layerNorm(
  y: Floats,
  mean: Floats,
  invStd: Floats,
  x: Floats,
  weight: Floats | null,
  bias: Floats | null,
  g: LayerNormGeometry,
): void {
  for (let row = 0; row < g.rows; row++) {
    // (1) statistics of the row
    let sum = 0;
    for (let j = 0; j < g.size; j++) sum += x[row * g.size + j];
    const m = sum / g.size;
    let squares = 0;
    for (let j = 0; j < g.size; j++) squares += (x[row * g.size + j] - m) ** 2;
    const scale = 1 / Math.sqrt(squares / g.size + g.eps);
    mean[row] = m;
    invStd[row] = scale;
    // (2) normalize
    for (let j = 0; j < g.size; j++) {
      const z = (x[row * g.size + j] - m) * scale;
      y[row * g.size + j] = z * (weight === null ? 1 : weight[j]) + (bias === null ? 0 : bias[j]);
    }
  }
}

/**
 * dBias[j] = sum over rows of dy, dWeight[j] = sum over rows of dy z, and in each row, with d = dy weight,
 * dx = invStd (d - mean(d) - z mean(d z)): the mean and the variance of the row depend on x too.
 */
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
  // (1) weight and bias: down each column
  for (let j = 0; j < g.size; j++) {
    let sumDy = 0;
    let sumDyZ = 0;
    for (let row = 0; row < g.rows; row++) {
      const at = row * g.size + j;
      sumDy += dy[at];
      sumDyZ += dy[at] * (x[at] - mean[row]) * invStd[row];
    }
    if (dWeight !== null) dWeight[j] += sumDyZ;
    if (dBias !== null) dBias[j] += sumDy;
  }
  if (dx === null) return;
  for (let row = 0; row < g.rows; row++) {
    // (2) sums along the row
    let sumD = 0;
    let sumDZ = 0;
    for (let j = 0; j < g.size; j++) {
      const at = row * g.size + j;
      const d = dy[at] * (weight === null ? 1 : weight[j]);
      sumD += d;
      sumDZ += d * (x[at] - mean[row]) * invStd[row];
    }
    // (3) dx
    for (let j = 0; j < g.size; j++) {
      const at = row * g.size + j;
      const d = dy[at] * (weight === null ? 1 : weight[j]);
      const z = (x[at] - mean[row]) * invStd[row];
      dx[at] += invStd[row] * (d - sumD / g.size - (z * sumDZ) / g.size);
    }
  }
}

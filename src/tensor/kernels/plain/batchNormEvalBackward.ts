import type { Floats } from '../../memory.js';
import type { BatchNormGeometry } from '../contracts/normalization.js';

/** The sums and dx in loops of their own: frozen layers want only dx, and that loop is then one multiplication. */
export function batchNormEvalBackward(
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
  const eps = g.eps;
  const sums = dWeight !== null || dBias !== null;
  for (let c = 0; c < channels; c++) {
    const m = mean[c];
    const invStd = 1 / Math.sqrt(variance[c] + eps);
    const scale = (weight === null ? 1 : weight[c]) * invStd;
    let sumDy = 0;
    let sumDyX = 0;
    for (let n = 0; n < batch; n++) {
      const start = (n * channels + c) * spatial;
      const end = start + spatial;
      if (sums) {
        for (let i = start; i < end; i++) {
          sumDy += dy[i];
          sumDyX += dy[i] * (x[i] - m);
        }
      }
      if (dx !== null) for (let i = start; i < end; i++) dx[i] += dy[i] * scale;
    }
    if (dWeight !== null) dWeight[c] += sumDyX * invStd;
    if (dBias !== null) dBias[c] += sumDy;
  }
}

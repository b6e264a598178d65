import type { Floats } from '../../memory/memory.js';
import type { BatchNormGeometry } from '../contracts/normalization.js';

/** The backward pass where mean and variance are constants: batch norm is then one line, y = scale x + shift, a channel. */
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
  for (let c = 0; c < g.channels; c++) {
    const invStd = 1 / Math.sqrt(variance[c] + g.eps);
    const scale = (weight === null ? 1 : weight[c]) * invStd;
    const shift = bias === null ? 0 : bias[c];
    let sumDy = 0;
    let sumDyZ = 0;
    for (let n = 0; n < g.batch; n++) {
      for (let i = 0; i < g.spatial; i++) {
        const at = (n * g.channels + c) * g.spatial + i;
        // The rectifier behind it, if there is one, lets the gradient through where y > 0.
        const d = g.relu && !((x[at] - mean[c]) * scale + shift > 0) ? 0 : dy[at];
        sumDy += d;
        sumDyZ += d * (x[at] - mean[c]) * invStd;
        if (dx !== null) dx[at] = (dx === dy ? 0 : dx[at]) + d * scale;
      }
    }
    if (dWeight !== null) dWeight[c] += sumDyZ;
    if (dBias !== null) dBias[c] += sumDy;
  }
}

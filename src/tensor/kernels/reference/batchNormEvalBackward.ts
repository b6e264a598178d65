import type { Floats } from '../../memory.js';
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
  g: BatchNormGeometry,
): void {
  for (let c = 0; c < g.channels; c++) {
    const invStd = 1 / Math.sqrt(variance[c] + g.eps);
    const scale = (weight === null ? 1 : weight[c]) * invStd;
    let sumDy = 0;
    let sumDyZ = 0;
    for (let n = 0; n < g.batch; n++) {
      for (let i = 0; i < g.spatial; i++) {
        const at = (n * g.channels + c) * g.spatial + i;
        sumDy += dy[at];
        sumDyZ += dy[at] * (x[at] - mean[c]) * invStd;
        if (dx !== null) dx[at] += dy[at] * scale;
      }
    }
    if (dWeight !== null) dWeight[c] += sumDyZ;
    if (dBias !== null) dBias[c] += sumDy;
  }
}

import type { Floats } from '../../memory/memory.js';
import type { BatchNormGeometry } from '../contracts/normalization.js';
import { addSlope, channelSums } from './batchNormSums.js';

/** The training pass without its means; frozen layers want only dx, and no sums are made for it. */
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
    const m = mean[c];
    const invStd = 1 / Math.sqrt(variance[c] + g.eps);
    const scale = (weight === null ? 1 : weight[c]) * invStd;
    const shift = bias === null ? 0 : bias[c];
    if (dWeight !== null || dBias !== null) {
      const sums = channelSums(dy, x, c, m, scale, shift, g);
      if (dWeight !== null) dWeight[c] += sums.dyX * invStd;
      if (dBias !== null) dBias[c] += sums.dy;
    }
    if (dx !== null) addSlope(dx, dy, x, c, m, scale, shift, 0, 0, g);
  }
}

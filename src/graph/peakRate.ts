import { convolutionKernels } from '../kernels/families/convolution.js';
import { conv2dGeometry } from '../kernels/geometry.js';
import { withoutScope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';

const CHANNELS = 192;
const SIDE = 32;

/** The rate of a 1x1 convolution whose operands stay in the cache, in GFLOP/s: what the register tile reaches on the current threads. */
export function peakRate(): number {
  const g = conv2dGeometry('peakRate', [1, CHANNELS, SIDE, SIDE], [CHANNELS, CHANNELS, 1, 1], {});
  const floats = convolutionKernels.conv2dWorkspace('forward', g);
  const pixels = CHANNELS * SIDE * SIDE;
  const [x, y, w, space] = withoutScope(() =>
    [pixels, pixels, CHANNELS ** 2, floats].map((length) => Tensor.full([length], 0.5)),
  ) as [Tensor, Tensor, Tensor, Tensor];
  let best = Infinity;
  try {
    for (let i = 0; i < 20; i++) {
      const start = performance.now();
      convolutionKernels.conv2d(y.floats, x.floats, w.floats, null, g, space.floats);
      best = Math.min(best, performance.now() - start);
    }
  } finally {
    for (const tensor of [x, y, w, space]) tensor.dispose();
  }
  return (2 * CHANNELS * pixels) / best / 1e6;
}

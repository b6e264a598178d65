import { runHostKernel } from '../../tensor/hostKernel.js';
import { record } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';

export interface DilatedWindow {
  kernelSize: readonly [number, number];
  stride: readonly [number, number];
  dilation: readonly [number, number];
}

/**
 * Max pooling whose windows have holes: y[p, q] = max over r, s of x[p stride + r dilation, q stride + s dilation]; NaN wins. A window
 * lies on x wholly.
 *
 * Shapes: x [N, C, H, W] -> y [N, C, P, Q] with P = floor((H - dilation (R - 1) - 1) / stride) + 1
 */
export function dilatedMaxPool2d(x: Tensor, window: DilatedWindow): Tensor {
  const { kernelSize, stride, dilation } = window;
  const [n, c, height, width] = x.shape;
  const [p, q] = [height, width].map((size, i) =>
    Math.max(0, Math.floor((size - dilation[i] * (kernelSize[i] - 1) - 1) / stride[i]) + 1),
  );
  const y = Tensor.empty('dilatedMaxPool2d', [n, c, p, q]);
  const best = new Int32Array(y.size);
  runHostKernel('dilatedMaxPool2d', [y], [x], ([to], [from]) => {
    let out = 0;
    for (let plane = 0; plane < n * c && to.length > 0; plane++) {
      for (let i = 0; i < p; i++) {
        for (let j = 0; j < q; j++, out++) {
          const corner = (plane * height + i * stride[0]) * width + j * stride[1];
          let at = corner;
          for (let r = 0; r < kernelSize[0]; r++) {
            for (let s = 0; s < kernelSize[1]; s++) {
              const other = corner + r * dilation[0] * width + s * dilation[1];
              if (!(from[other] <= from[at]) && !Number.isNaN(from[at])) at = other;
            }
          }
          best[out] = at;
          to[out] = from[at];
        }
      }
    }
  });
  record(
    'dilatedMaxPool2d',
    [x],
    y,
    (dy, [dx]) => {
      if (!dx) return;
      const [given, into] = [dy.data, dx.data];
      for (let i = 0; i < best.length; i++) into[best[i]] += given[i];
    },
    { attributes: window },
  );
  return y;
}

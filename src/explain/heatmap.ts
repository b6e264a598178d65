import { ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { upsample2d } from '../tensor/ops/nn/upsample2d.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';

/** How much each place of a picture counts. */
export interface Heatmap {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** Row by row; values below 0 speak against the class. */
  readonly data: Float32Array;
}

/** Options of `heatmaps`. */
export interface HeatmapOptions {
  /** Pixels down; with `width`, maps of another size are enlarged by straight lines between their pixels. */
  height: number;
  /** Pixels across. */
  width: number;
}

/**
 * The results of any method of this entry as one map per picture. Of attributions to channels, the sum counts.
 *
 * Shapes: [N, h, w] or [N, C, h, w] -> N maps of height x width.
 *
 * Throws `ShapeError` for another shape.
 */
export function heatmaps(values: Tensor, { height, width }: HeatmapOptions): Heatmap[] {
  if (values.shape.length !== 3 && values.shape.length !== 4) {
    throw new ShapeError(
      `heatmaps: the values are ${formatShape(values.shape)}, but must be [N, H, W] or [N, C, H, W].`,
    );
  }
  const count = values.shape[0];
  const channels = values.shape.length === 4 ? values.shape[1] : 1;
  const [h, w] = values.shape.slice(-2);
  return scope(() => {
    const separate = reshape(values, [count * channels, 1, h, w]);
    const large =
      h === height && w === width ? separate : upsample2d(separate, { size: [height, width], mode: 'bilinear' });
    const plane = height * width;
    return Array.from({ length: count }, (_, n) => {
      const data = new Float32Array(plane);
      for (let c = 0; c < channels; c++) {
        const from = (n * channels + c) * plane;
        for (let p = 0; p < plane; p++) data[p] += large.data[from + p];
      }
      return { width, height, data };
    });
  });
}

import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Conv2d } from './conv2d.js';
import { symmetricEigen } from './symmetricEigen.js';

/**
 * Makes a convolution whiten its input: its filters become the eigenvectors of the second moments of all patches of `images`, each
 * divided by the root of its eigenvalue (plus eps), and then the negatives of these. On such images each output then has a mean
 * square of value / (value + eps), and no two of the first half are correlated.
 *
 * M = mean over patches of patch patch^T = sum of value[k] vector[k] vector[k]^T; filter[k] = vector[k] / sqrt(value[k] + eps),
 * filter[k + C R S] = -filter[k]
 *
 * Shapes: conv.weight [2 C R S, C, R, S], images [N, C, H, W]; 5,000 images are plenty. Their mean must be near zero, as after
 * `normalize`. The bias does not change. The filters are not frozen; to freeze them, set `conv.weight.requiresGrad = false`.
 *
 * Options: `eps`, default 5e-4, keeps rare directions from being amplified.
 *
 * Throws `ShapeError` for images that do not fit, or for a convolution with groups or another number of filters.
 *
 * Numerics: sums in doubles, `symmetricEigen` in doubles.
 *
 * Source: Jordan 2024 (arXiv:2404.00498), section 3.1, after Page 2018, "How to train your ResNet", part 8.
 *
 * @example
 * whiteningInit(new Conv2d(3, 24, 2), Tensor.zeros([100, 3, 32, 32])).weight.shape; // [24, 3, 2, 2]
 */
export function whiteningInit(conv: Conv2d, images: Tensor, options: { eps?: number | undefined } = {}): Conv2d {
  checkOptions('whiteningInit', options, ['eps']);
  const { eps = 5e-4 } = options;
  if (!(eps > 0 && eps < Infinity))
    throw new ArgumentError(`whiteningInit: eps is ${eps}, but must be a number above 0.`);
  const [filters, channels, height, width] = conv.weight.shape;
  const size = channels * height * width;
  if (filters !== 2 * size || conv.inChannels !== channels) {
    throw new ShapeError(
      `whiteningInit: the weight ${formatShape(conv.weight.shape)} of the convolution needs 2 x ${size} filters, one group: each direction of its patches and its negative. Use new Conv2d(${conv.inChannels}, ${2 * conv.inChannels * height * width}, [${height}, ${width}]).`,
    );
  }
  if (images.shape.length !== 4 || images.shape[1] !== channels || images.shape[0] === 0) {
    throw new ShapeError(
      `whiteningInit: images have the shape ${formatShape(images.shape)}, but need [N, ${channels}, H, W] with N at least 1.`,
    );
  }
  if (images.shape[2] < height || images.shape[3] < width) {
    throw new ShapeError(
      `whiteningInit: images ${formatShape(images.shape)} are smaller than the patches of ${height}x${width}.`,
    );
  }
  const { values, vectors } = symmetricEigen(patchMoments(images, height, width), size);
  const w = conv.weight.floatsToWrite;
  for (let k = 0; k < size; k++) {
    const scale = 1 / Math.sqrt(Math.max(values[k], 0) + eps);
    for (let i = 0; i < size; i++) {
      w[k * size + i] = vectors[k * size + i] * scale;
      w[(k + size) * size + i] = -w[k * size + i];
    }
  }
  return conv;
}

/** mean over all patches of patch[i] * patch[j], where i counts channels, then rows, then columns of a patch. */
function patchMoments(images: Tensor, patchHeight: number, patchWidth: number): Float64Array {
  const [count, channels, height, width] = images.shape;
  const x = images.data;
  const size = channels * patchHeight * patchWidth;
  const offsets = new Int32Array(size);
  for (let i = 0; i < size; i++) {
    const c = Math.floor(i / (patchHeight * patchWidth));
    const r = Math.floor(i / patchWidth) % patchHeight;
    offsets[i] = (c * height + r) * width + (i % patchWidth);
  }
  const moments = new Float64Array(size * size);
  const patch = new Float64Array(size);
  const rows = height - patchHeight + 1;
  const columns = width - patchWidth + 1;
  for (let n = 0; n < count; n++) {
    for (let p = 0; p < rows; p++) {
      for (let q = 0; q < columns; q++) {
        const corner = (n * channels * height + p) * width + q;
        for (let i = 0; i < size; i++) patch[i] = x[corner + offsets[i]];
        for (let i = 0; i < size; i++) {
          const value = patch[i];
          for (let j = 0; j <= i; j++) moments[i * size + j] += value * patch[j];
        }
      }
    }
  }
  const patches = count * rows * columns;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      moments[i * size + j] /= patches;
      moments[j * size + i] = moments[i * size + j];
    }
  }
  return moments;
}

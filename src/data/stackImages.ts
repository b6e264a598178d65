import { ArgumentError, ShapeError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import { Tensor } from '../tensor/tensor.js';
import { type Image, toFloat } from './image.js';
import type { Transform } from './transforms/index.js';

/** One image: bytes stand for 0 to 1, floats are taken as they are. */
export interface RawImage extends Omit<Image, 'data'> {
  /** The pixels, channel by channel. */
  readonly data: Uint8Array | Uint8ClampedArray | Float32Array;
}

/**
 * A batch [N, C, H, W] of images that may differ in size if `transform` makes them one shape: what `predict` takes. The images are not changed.
 *
 * Throws `ArgumentError` for no image, `ShapeError` when a length is not channels * height * width or the shapes differ in the end.
 *
 * @example
 * const prepare = compose(resize(256), centerCrop(224), normalize(mean, std));
 * model.predict(stackImages([{ data: hwcToChw(pixels, [3, 480, 640]), channels: 3, height: 480, width: 640 }], prepare));
 */
export function stackImages(images: readonly RawImage[], transform?: Transform): Tensor {
  if (images.length === 0) throw new ArgumentError('stackImages: there is no image.');
  // The same each time: preparing an image should leave nothing to chance.
  const random = new RandomStream('stackImages');
  let batch: Tensor | undefined;
  for (const [i, image] of images.entries()) {
    const { data, channels: c, height: h, width: w } = prepared(image, i, transform, random);
    batch ??= Tensor.empty('stackImages', [images.length, c, h, w]);
    const [, channels, height, width] = batch.shape;
    if (c !== channels || h !== height || w !== width) {
      throw new ShapeError(
        `stackImages: image ${i} is [${c}, ${h}, ${w}], but image 0 is [${channels}, ${height}, ${width}]. Pass a transform that makes them one shape, such as resize([224, 224]).`,
      );
    }
    batch.data.set(data, i * data.length);
  }
  return batch as Tensor;
}

function prepared(image: RawImage, i: number, transform: Transform | undefined, random: RandomStream): Image {
  const { data, channels, height, width } = image;
  if (data.length !== channels * height * width) {
    throw new ShapeError(
      `stackImages: image ${i} has ${data.length} values, but [${channels}, ${height}, ${width}] needs ${channels * height * width}.`,
    );
  }
  const pixels = data instanceof Uint8ClampedArray ? new Uint8Array(data.buffer, data.byteOffset, data.length) : data;
  const floats: Image = { data: toFloat(pixels), channels, height, width };
  return transform === undefined ? floats : transform(floats, random, { epoch: 0, index: i, seed: 0 });
}

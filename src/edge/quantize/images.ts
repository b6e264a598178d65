import { ArgumentError, DataError, ShapeError } from '../../base/errors.js';
import { formatShape, type Shape, sameShape, sizeOf } from '../../base/shape.js';
import { Tensor } from '../../tensor/tensor.js';

/** Images for calibration or measurement: tensors [N, C, H, W], or batches as a `DataLoader` gives them, whose labels are used where there are any. */
export type ImageBatches =
  | Tensor
  | Iterable<Tensor | { readonly x: Tensor; readonly labels?: unknown }>
  | AsyncIterable<Tensor | { readonly x: Tensor; readonly labels?: unknown }>;

/** Images one by one, and their classes. */
export interface Images {
  readonly images: readonly Float32Array[];
  /** One for each image; null where some have none. */
  readonly labels: readonly number[] | null;
}

/**
 * Copies at most `most` images.
 *
 * Throws `ArgumentError` for what holds no images, `ShapeError` for images of another size, `DataError` for NaN, infinity, or images that are
 * all the same number.
 */
export async function collectImages(name: string, batches: unknown, shape: Shape, most: number): Promise<Images> {
  const images: Float32Array[] = [];
  const labels: number[] = [];
  for await (const batch of iterate(name, batches)) {
    const { x, labels: of } = batch instanceof Tensor ? { x: batch, labels: undefined } : batch;
    if (!(x instanceof Tensor)) {
      throw new ArgumentError(
        `quantize: ${name} gave ${String(batch)}, but each batch must be a Tensor or { x, labels }.`,
      );
    }
    if (x.shape.length !== shape.length || !sameShape(x.shape.slice(1), shape.slice(1))) {
      throw new ShapeError(
        `quantize: a batch of ${name} has shape ${formatShape(x.shape)}, but inputShape asks for images of [N, ${shape.slice(1).join(', ')}].`,
      );
    }
    const size = sizeOf(shape);
    const { floats } = x;
    for (let i = 0; i < (x.shape[0] as number) && images.length < most; i++) {
      images.push(floats.slice(i * size, (i + 1) * size));
      const label = of instanceof Int32Array || Array.isArray(of) ? (of as ArrayLike<number>)[i] : undefined;
      if (label !== undefined) labels.push(label);
    }
    if (images.length >= most) break;
  }
  checkImages(name, images);
  return { images, labels: labels.length === images.length ? labels : null };
}

function iterate(name: string, batches: unknown): AsyncIterable<Tensor | { x: Tensor; labels?: unknown }> {
  const of = batches instanceof Tensor ? [batches] : batches;
  const isIterable = typeof of === 'object' && of !== null && (Symbol.asyncIterator in of || Symbol.iterator in of);
  if (!isIterable) {
    throw new ArgumentError(
      `quantize: ${name} is ${String(batches)}, but must be batches of images: a Tensor [N, C, H, W], an array of them, or a DataLoader.`,
    );
  }
  return of as AsyncIterable<Tensor>;
}

function checkImages(name: string, images: readonly Float32Array[]): void {
  if (images.length === 0) {
    throw new DataError(`quantize: ${name} has no images. Pass a few hundred that look like those the model will see.`);
  }
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [n, image] of images.entries()) {
    for (const v of image) {
      if (!Number.isFinite(v)) throw new DataError(`quantize: image ${n} of ${name} holds ${v}. Leave it out.`);
      min = Math.min(min, v);
      max = Math.max(max, v);
    }
  }
  if (min === max) {
    throw new DataError(
      `quantize: every number of ${name} is ${min}, which says nothing about ranges. Pass real images, normalized as in training.`,
    );
  }
}

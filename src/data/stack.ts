import { ShapeError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import type { ImageShape } from './dataset.js';
import type { BatchPlan } from './epochPlan.js';
import { type Image, toFloat } from './image.js';
import type { Transform } from './transforms/index.js';

/** The images of a batch, stored contiguously in ordinary memory. */
export interface Stack {
  /** At least as many images as were asked for; the array may be longer. */
  pixels: Float32Array<ArrayBuffer>;
  shape: ImageShape;
}

/** Transforms and stacks images, and uses its arrays again. */
export class Stacker {
  readonly #spare: Float32Array<ArrayBuffer>[] = [];

  constructor(
    /** Of the images before the transforms. */
    readonly shape: ImageShape,
    readonly transform: Transform | undefined,
    readonly last: Transform | undefined,
  ) {}

  /** The images of `plan`; `imageOf(n)` is the n-th as it lies in the data set. */
  stack(imageOf: (n: number) => Uint8Array | Float32Array, { indices, seed, place }: BatchPlan): Stack {
    const { transform, last } = this;
    const random = new RandomStream(seed);
    const [channels, height, width] = this.shape;
    const sourceSize = channels * height * width;
    let shape = this.shape;
    let size = sourceSize;
    let pixels = this.#take(indices.length * size);
    let aside: Float32Array | undefined;
    for (let n = 0; n < indices.length; n++) {
      // (1) Bytes to floats: straight into the batch, unless the transforms change the size.
      const slot = aside ?? pixels.subarray(n * size, (n + 1) * size);
      let image: Image = { data: toFloat(imageOf(n), slot), channels, height, width };
      // (2) The user's transforms, then the normalization.
      if (transform) image = transform(image, random, { ...place, index: indices[n] });
      if (last) image = last(image, random);
      // (3) The first image of the batch tells the shape of all.
      if (n === 0) {
        shape = [image.channels, image.height, image.width];
        size = shape[0] * shape[1] * shape[2];
        if (size !== sourceSize) {
          aside = new Float32Array(sourceSize);
          pixels = this.#take(indices.length * size);
        }
      }
      checkShape(image, shape, indices[n], indices[0]);
      if (image.data !== slot || aside !== undefined) pixels.set(image.data, n * size);
    }
    return { pixels, shape };
  }

  /** Takes back an array that `stack` gave out, or gives it another to use. */
  reuse(pixels: Float32Array<ArrayBuffer>): void {
    if (this.#spare.length < 4) this.#spare.push(pixels);
  }

  /** An array that nobody uses, for a worker. */
  takeSpare(): Float32Array<ArrayBuffer> | undefined {
    return this.#spare.pop();
  }

  #take(length: number): Float32Array<ArrayBuffer> {
    const spare = this.#spare.pop();
    return spare !== undefined && spare.length >= length ? spare : new Float32Array(length);
  }
}

function checkShape(image: Image, shape: ImageShape, index: number, first: number): void {
  const { data, channels: c, height: h, width: w } = image;
  if (data.length !== c * h * w) {
    throw new ShapeError(
      `DataLoader: image ${index} has ${data.length} values after the transforms, but says it is [${c}, ${h}, ${w}].`,
    );
  }
  if (c !== shape[0] || h !== shape[1] || w !== shape[2]) {
    throw new ShapeError(
      `DataLoader: image ${index} is [${c}, ${h}, ${w}] after the transforms, but image ${first} of the same batch is [${shape.join(', ')}]. Crop or resize them to one shape.`,
    );
  }
}

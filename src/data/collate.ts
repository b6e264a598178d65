import { ShapeError } from '../tensor/errors.js';
import { RandomStream } from '../tensor/random.js';
import type { Dataset, ImageShape } from './dataset.js';
import { type Image, toFloat } from './image.js';
import type { Place, Transform } from './transforms.js';

/** A batch on its way: ordinary arrays, outside the tensor heap. */
export interface Collated {
  /** At least indices.length images; the array may be longer. */
  pixels: Float32Array;
  shape: ImageShape;
  labels: Int32Array;
  indices: Int32Array;
}

/** Fetches, transforms and stacks images, and uses its arrays again. */
export class Collator {
  readonly #spare: Float32Array[] = [];

  constructor(
    readonly dataset: Dataset,
    readonly transform: Transform | undefined,
    readonly last: Transform | undefined,
  ) {}

  /** The images at `indices`; `seed` decides all that the transforms draw, and they are told the `epoch`. */
  collate(indices: Int32Array, seed: string, epoch: Pick<Place, 'epoch' | 'seed'>): Collated {
    const { dataset, transform, last } = this;
    const random = new RandomStream(seed);
    const labels = new Int32Array(indices.length);
    const [channels, height, width] = dataset.shape;
    const sourceSize = channels * height * width;
    let shape: ImageShape = dataset.shape;
    let size = sourceSize;
    let pixels = this.#take(indices.length * size);
    let aside: Float32Array | undefined;
    for (let n = 0; n < indices.length; n++) {
      labels[n] = dataset.label(indices[n]);
      // (1) Bytes to floats: straight into the batch, unless the transforms change the size.
      const slot = aside ?? pixels.subarray(n * size, (n + 1) * size);
      let image: Image = { data: toFloat(dataset.image(indices[n]), slot), channels, height, width };
      // (2) The user's transforms, then the normalisation.
      if (transform) image = transform(image, random, { ...epoch, index: indices[n] });
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
    return { pixels, shape, labels, indices };
  }

  /** Takes back an array that `collate` gave out. */
  reuse(pixels: Float32Array): void {
    if (this.#spare.length < 4) this.#spare.push(pixels);
  }

  #take(length: number): Float32Array {
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

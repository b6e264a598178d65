import { ArgumentError, DataError, ShapeError } from '../base/errors.js';
import { Targets } from '../base/targets.js';
import { type Dataset, type ImagePixels, keptPixels } from './dataset.js';

/**
 * Image i of a data set that somebody else may have written.
 *
 * Throws `ArgumentError` when it is no array of bytes or floats, above all a Promise; `ShapeError` when it is not of the data set's shape.
 */
export function imageAt(who: string, dataset: Dataset, i: number): ImagePixels {
  const pixels: unknown = dataset.image(i);
  if (isPromise(pixels)) throw new ArgumentError(asynchronous(who, 'image', i, 'a Uint8Array or a Float32Array'));
  const image = keptPixels(`${who}: image(${i})`, pixels as ImagePixels);
  const [c, h, w] = dataset.shape;
  if (image.length !== c * h * w) {
    throw new ShapeError(
      `${who}: image ${i} of the data set has ${image.length} values, but its shape [${c}, ${h}, ${w}] needs ${c * h * w}.`,
    );
  }
  return image;
}

/** The label of image i. Throws `ArgumentError` when it is a Promise, `DataError` when it is not the index of a class. */
export function labelAt(who: string, dataset: Dataset, i: number): number {
  const label: unknown = dataset.label(i);
  if (isPromise(label)) throw new ArgumentError(asynchronous(who, 'label', i, 'a number'));
  if (Number.isInteger(label) && (label as number) >= 0 && (label as number) < dataset.classes.length) {
    return label as number;
  }
  throw new DataError(
    `${who}: image ${i} has the label ${label}, but there are ${dataset.classes.length} classes, numbered from 0.`,
  );
}

/** The targets of the images at `indices`: multi-hot where the data set is multi-label. */
export function targetsAt(who: string, dataset: Dataset, indices: Int32Array): Targets {
  if (dataset.multiHot === undefined)
    return Targets.classIndices(Int32Array.from(indices, (i) => labelAt(who, dataset, i)));
  const classes = dataset.classes.length;
  const labels = new Int32Array(indices.length * classes);
  for (let n = 0; n < indices.length; n++) labels.set(dataset.multiHot(indices[n]), n * classes);
  return Targets.multiHot(labels, classes);
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function asynchronous(who: string, method: string, i: number, wanted: string): string {
  return `${who}: ${method}(${i}) of the data set gave a Promise, but ${method}() must be synchronous. Read everything before training, and return ${wanted}.`;
}

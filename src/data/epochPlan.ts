import type { Place } from './transforms/transform.js';

/** What makes the pixels of a batch, besides its images: the same in the main thread and in a worker. */
export interface BatchPlan {
  /** Where in the data set each image stands. */
  indices: Int32Array;
  /** All that the transforms draw grows from it. */
  seed: string;
  /** What the transforms are told besides the index. */
  place: Pick<Place, 'epoch' | 'seed'>;
}

/** The batches of an epoch that a loader will ask for, known before the first one is made. */
export interface EpochPlan {
  /** The first batch to come: not 0 when an epoch is resumed. */
  first: number;
  /** The number after the last batch. */
  end: number;
  /** How many batches to make ahead of the one that is asked for. */
  prefetch: number;
  /** Without augmentation: the images as `Dataset.image` gives them. */
  plain?: boolean | undefined;
  /** What batch k consists of. */
  batch(k: number): BatchPlan;
}

/** The images of one batch, before the transforms of the loader. */
export interface BatchImages {
  /** Where in the batch there is an image, in ascending order; undefined: everywhere. What a data set cannot read, it may leave out. */
  present?: Int32Array | undefined;
  /** The image at place n of the batch, one of `present`. */
  at(n: number): Uint8Array | Float32Array;
}

/** The images of an epoch, in the order in which the loader asks for them. */
export interface EpochImages {
  /** Whether `take(k)` answers without waiting. */
  isReady(k: number): boolean;
  /** The images of batch k. Batches are taken in ascending order; the last one may be taken again. */
  take(k: number): BatchImages;
  /** The same without blocking. */
  takeLater(k: number): Promise<BatchImages>;
  /** The loop has ended, or was left: nothing more will be asked for. */
  close(): void;
}

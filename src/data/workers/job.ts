import type { ImageShape } from '../dataset.js';
import type { BatchPlan } from '../epochPlan.js';
import type { Stack } from '../stack.js';
import type { TransformSpec } from '../transforms/index.js';

/** How the images of a loader become batches. */
export interface Making {
  shape: ImageShape;
  transform?: TransformSpec | undefined;
  last?: TransformSpec | undefined;
}

/** A batch to make. */
export interface Job {
  id: number;
  /** A `Making` as JSON: a worker keeps what it made of it. */
  making: string;
  plan: BatchPlan;
  /** The images as stored in the data set, contiguously. */
  images: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /** An array to use. */
  spare?: Float32Array<ArrayBuffer> | undefined;
}

/** What comes back: the batch, or an error by class and sentence. */
export type Answer = { id: number } & ({ stack: Stack } | { error: { name: string; message: string } });

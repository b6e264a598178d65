import type { Transform } from '../data/transforms/index.js';
import type { Module } from '../layers/module.js';
import type { Lookahead } from '../optim/lookahead.js';
import type { Schedule } from '../optim/schedules.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Callback } from '../train/callbacks.js';
import type { AnyOptimizer } from '../train/trainOptions.js';
import type { View } from '../train/views.js';

/**
 * How a network is trained to a known accuracy, as data: everything but the images, the seed and the machine. `planRecipe`
 * makes what `fit` wants of it.
 */
export interface Recipe {
  /** The name that `npm run recipe` and `planRecipe` know it by. */
  readonly name: string;
  /** What it is, in one line. */
  readonly title: string;
  /** Where it was published, and what is different here. */
  readonly source: string;
  /** A name that `createModel` knows, and what to make it with. */
  readonly model: string;
  /** Options of `createModel`. */
  readonly modelOptions?: Readonly<Record<string, number | string | boolean>> | undefined;
  /** How many epochs to train. */
  readonly epochs: number;
  /** Images a step. The last images of an epoch that do not fill a batch are left out. */
  readonly batchSize: number;
  /** Images that go through the network at a time; batch norm sees these. Default: the whole batch. */
  readonly microBatchSize?: number | undefined;
  /** Default 0. */
  readonly labelSmoothing?: number | undefined;
  /** Changes each training image, before it is scaled and normalized. */
  transform(): Transform;
  /** The side of the training images in each of `epochs` epochs: see `progressiveResize`. Default: as the data has them. */
  readonly imageSizes?: ((epochs: number) => number[]) | undefined;
  /** Looks at training images [N, C, H, W], as the network sees them, before training begins. */
  readonly prepare?: ((model: Module, images: Tensor) => void) | undefined;
  /** The optimizer and its options. */
  optimizer(model: Module, batchSize: number): AnyOptimizer;
  /** The learning rate of each of `steps` steps. */
  schedule(steps: number, optimizer: AnyOptimizer): Schedule;
  /** Makes the `Lookahead` of the model. Default: none. */
  readonly lookahead?: ((model: Module) => Lookahead) | undefined;
  /** What else happens in training. */
  readonly callbacks?: ((model: Module) => Callback[]) | undefined;
  /** Test-time augmentation: the views of an image whose logits are averaged. */
  readonly views?: (() => View[]) | undefined;
  /** The test accuracy to reach, 0 to 1, with `views` where there are any, and the minutes it may take on two cores. */
  readonly goal: { readonly accuracy: number; readonly minutes?: number | undefined };
}

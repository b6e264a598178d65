import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { BatchMix } from '../data/mix.js';
import type { ProcessGroup } from '../distributed/processGroup.js';
import type { Module } from '../layers/module.js';
import type { Metric } from '../metrics/metric.js';
import type { Lookahead } from '../optim/lookahead.js';
import type { Optimizer } from '../optim/optimizer.js';
import type { WeightAverage } from '../optim/weightAverage.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BatchSource } from './batches.js';
import type { View } from './views.js';

/** A loss of one value for logits [N, K] and the labels of the batch: N class indices, or N * K multi-hot values. */
export type Loss = (output: Tensor, labels: Int32Array) => Tensor;

/** Options of `train` and `fit`. */
export interface TrainOptions {
  /** The batches to train on, usually a `DataLoader`. */
  train: BatchSource;
  /** Measured after each epoch. */
  validation?: BatchSource | undefined;
  /** What updates the parameters of the model. */
  optimizer: AnyOptimizer;
  /** Default `classificationLoss`: `crossEntropy`, or for images of several classes `binaryCrossEntropyWithLogits`. */
  loss?: Loss | undefined;
  /** The part of each target that is spread over all classes, 0 to 1; with the default loss only. Default 0. */
  labelSmoothing?: number | undefined;
  /** In all, including those that a checkpoint has behind it. With `timeBudget`, only the length that the schedule is made for. */
  epochs: number;
  /** Trains for so many seconds, validation included, instead of a number of epochs: the schedule and `progress` then follow the clock. */
  timeBudget?: number | undefined;
  /** The learning rate of each step, counted from 0. Default: what the optimizer has. */
  schedule?: ((step: number) => number) | undefined;
  /** Scales the gradients down to this joint norm, after all callbacks: see `clipGradients`, which also clips by value. Default: no limit. */
  clipNorm?: number | undefined;
  /**
   * Each batch goes through the network in parts of at most so many images, whose gradients add up to one step: memory is that of a part,
   * and batch norms see a part at a time. Default: the batch in one piece.
   */
  microBatchSize?: number | undefined;
  /** Mixes the images of each batch: `mixup`, `cutmix`. Default: no mixing. */
  mix?: BatchMix | undefined;
  /** Averaged weights that follow the trained ones and are measured in their place: see `averageWeights`. `average.swap()` puts them into the model. */
  average?: WeightAverage | undefined;
  /** Slow weights, to which the model returns every few steps and in the end: see `slowWeights`. */
  lookahead?: Lookahead | undefined;
  /** Numbers to compute from the logits as batches go by, in training and in validation. */
  metrics?: Readonly<Record<string, Metric>> | undefined;
  /** Epochs between validations; the last epoch is always measured. Default 1. */
  evaluateEvery?: number | undefined;
  /** Test-time augmentation in validation: see `evaluate`. */
  views?: readonly View[] | undefined;
  /** Aborting it ends training after the step that runs. */
  signal?: AbortSignal | undefined;
  /**
   * Trains with other processes: see `createGroup` of stridenet/node. Each batch is cut into the group's `microBatches`, which are dealt out to the
   * ranks. The result has the same bits whatever the number of ranks.
   */
  group?: ProcessGroup | undefined;
  /** A checkpoint to continue from: the same bytes follow as without the stop. */
  resume?: Uint8Array | undefined;
  /** Resumes although the images are not those that the checkpoint was made with. Default false: that is an error. */
  allowOtherData?: boolean | undefined;
}

/** Every option, for the message about one that is not. */
const optionNames: Record<keyof TrainOptions, true> = {
  train: true,
  validation: true,
  optimizer: true,
  loss: true,
  labelSmoothing: true,
  epochs: true,
  timeBudget: true,
  schedule: true,
  clipNorm: true,
  microBatchSize: true,
  mix: true,
  average: true,
  lookahead: true,
  metrics: true,
  evaluateEvery: true,
  views: true,
  signal: true,
  group: true,
  resume: true,
  allowOtherData: true,
};

/** The optimizer as training uses it, whatever its options. */
export type AnyOptimizer = Pick<Optimizer, 'learningRate' | 'step' | 'stateDict' | 'loadStateDict' | 'parameters'>;

/** Throws `ArgumentError` for an option that is missing, unknown or out of range, and for an optimizer of another model. */
export function checkTrainOptions(model: Module, options: TrainOptions): void {
  checkOptions('fit', options, Object.keys(optionNames));
  const { train, optimizer, epochs, loss, labelSmoothing, timeBudget, clipNorm, microBatchSize, evaluateEvery } =
    options;
  for (const [name, value] of Object.entries({ train, optimizer, epochs })) {
    if (value === undefined) throw new ArgumentError(`fit: ${name} is missing. fit needs train, optimizer and epochs.`);
  }
  const whole = (name: string, value: number | undefined, least: number): void => {
    if (value === undefined || (Number.isInteger(value) && value >= least)) return;
    throw new ArgumentError(`fit: ${name} is ${value}, but must be a whole number >= ${least}.`);
  };
  checkOptimizer(model, optimizer);
  for (const [name, value] of Object.entries({ schedule: options.schedule, loss, mix: options.mix })) {
    if (value !== undefined && typeof value !== 'function') {
      throw new ArgumentError(`fit: ${name} is ${value}, but must be a function.`);
    }
  }
  whole('epochs', epochs, 0);
  whole('microBatchSize', microBatchSize, 1);
  whole('evaluateEvery', evaluateEvery, 1);
  if (clipNorm !== undefined && !(clipNorm > 0)) {
    throw new ArgumentError(`fit: clipNorm is ${clipNorm}, but must be > 0. Leave it out for no limit.`);
  }
  if (labelSmoothing !== undefined && !(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new ArgumentError(`fit: labelSmoothing is ${labelSmoothing}, but must lie between 0 and 1.`);
  }
  if (labelSmoothing !== undefined && loss !== undefined) {
    throw new ArgumentError('fit: labelSmoothing belongs to the default loss; with a loss of your own, smooth there.');
  }
  if (options.group !== undefined && microBatchSize !== undefined) {
    throw new ArgumentError(
      `fit: microBatchSize is ${microBatchSize}, but a group cuts each batch into ${options.group.microBatches} parts. Leave microBatchSize out, and pass microBatches to createGroup for another cut.`,
    );
  }
  if (timeBudget === undefined) return;
  if (options.group?.local !== undefined) {
    throw new ArgumentError(
      'fit: timeBudget and local SGD exclude each other: ranks that train on their own have no common clock. Leave one out.',
    );
  }
  if (!(timeBudget > 0 && Number.isFinite(timeBudget))) {
    throw new ArgumentError(`fit: timeBudget is ${timeBudget}, but must be a number of seconds > 0.`);
  }
  if (train.length === undefined || epochs === 0) {
    throw new ArgumentError(
      'fit: timeBudget needs training data with a length and epochs > 0: the schedule is stretched over epochs * length steps.',
    );
  }
}

function checkOptimizer(model: Module, optimizer: AnyOptimizer): void {
  const own = new Set(model.parameters());
  for (const parameter of optimizer.parameters()) if (own.has(parameter)) return;
  if (own.size === 0) {
    throw new ArgumentError(
      `fit: this ${model.constructor.name} has no parameters. Layers are found in public fields, and in arrays, plain objects, Maps and Sets there, but not in private fields such as #conv.`,
    );
  }
  throw new ArgumentError(
    `fit: the optimizer moves no parameter of this ${model.constructor.name}. Make it with model.parameters(), after the last change of the model.`,
  );
}

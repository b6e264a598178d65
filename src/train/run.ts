import type { Module, StateDict } from '../layers/module.js';
import type { Optimizer } from '../optim/optimizer.js';
import { ArgumentError } from '../tensor/errors.js';
import { type RandomState, randomState } from '../tensor/random.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BatchSource } from './batches.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { History } from './history.js';
import { RunningMean } from './metrics.js';

/** A loss of one value for logits [N, K] and N class numbers. */
export type Loss = (output: Tensor, labels: Int32Array) => Tensor;

/** The part of a callback that a checkpoint holds. */
export interface Stateful {
  /** What `loadState` continues from: values fit for JSON, and named arrays. */
  saveState?(): { values: unknown; tensors?: StateDict };
  loadState?(state: { values: unknown; tensors: StateDict }): void;
}

export interface TrainOptions {
  train: BatchSource;
  /** Measured after each epoch. */
  validation?: BatchSource;
  optimizer: AnyOptimizer;
  /** Default `crossEntropy`. */
  loss?: Loss;
  /** In all, including those that a checkpoint has behind it. */
  epochs: number;
  /** The learning rate of each step, counted from 0. Default: what the optimiser has. */
  schedule?: (step: number) => number;
  /** Scales the gradients down to this norm (of all of them together) where they are larger. Default: no limit. */
  clipNorm?: number;
  /** Aborting it ends training after the step that runs. */
  signal?: AbortSignal;
  /** A checkpoint to continue from: the same bytes follow as without the stop. */
  resume?: Uint8Array;
}

/** The optimiser as training uses it, whatever its options. */
export type AnyOptimizer = Pick<Optimizer, 'learningRate' | 'step' | 'stateDict' | 'loadStateDict' | 'parameters'>;

/** Where a training run stands. Events and callbacks get it. */
export class TrainingRun {
  readonly history = new History();
  /** Whole epochs behind us. */
  epoch = 0;
  /** Batches of the present epoch behind us. */
  batch = 0;
  /** Optimiser steps behind us. */
  step = 0;
  /** Means over the present epoch. */
  readonly loss = new RunningMean();
  readonly accuracy = new RunningMean();
  /** Wall-clock seconds of the present epoch. */
  seconds = 0;
  /** The random streams as the present epoch began: its order is drawn from them again when it is resumed. */
  epochRandom: RandomState = randomState();
  #stopped = false;

  constructor(
    readonly model: Module,
    readonly options: TrainOptions,
    readonly callbacks: readonly Stateful[] = [],
  ) {
    if (!Number.isInteger(options.epochs) || options.epochs < 0) {
      throw new ArgumentError(`fit: epochs is ${options.epochs}, but must be a whole number >= 0.`);
    }
    if (options.clipNorm !== undefined && !(options.clipNorm > 0)) {
      throw new ArgumentError(`fit: clipNorm is ${options.clipNorm}, but must be > 0. Leave it out for no limit.`);
    }
    if (options.resume !== undefined) readCheckpoint(this, options.resume);
  }

  /** Ends training: after the present step when a step's callback asks, else before the next epoch. */
  stop(): void {
    this.#stopped = true;
  }

  /** Whether the run ends here, and why. */
  get ending(): 'stopped' | 'aborted' | null {
    if (this.options.signal?.aborted) return 'aborted';
    return this.#stopped ? 'stopped' : null;
  }

  /** Everything needed to go on from here with the same bytes: see `TrainOptions.resume`. */
  checkpoint(): Uint8Array {
    return writeCheckpoint(this);
  }
}

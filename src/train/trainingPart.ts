import type { Stateful } from '../base/stateful.js';
import type { Module } from '../layers/module.js';
import type { EpochRecord } from './epochRecord.js';
import type { GradientRecord } from './gradientRecord.js';
import type { EndReason } from './history.js';
import type { TrainOptions } from './trainOptions.js';

/** Where a run stands, as its parts see it. */
export interface TrainingState {
  /** The model in training. */
  readonly model: Module;
  /** The options that the run was started with. */
  readonly options: TrainOptions;
  /** Optimizer steps so far. */
  readonly step: number;
  /** The fraction of training that is done, 0 to 1. */
  readonly progress: number;
  /** Whether `epoch`, counted from 1 and done or almost, is the last one. */
  isLast(epoch: number): boolean;
}

/** A callback of a few synchronous methods, from which `fit` also builds what its options ask for: see `Callback` for the events. */
export interface TrainingPart extends Stateful {
  /** Between the backward pass and the step. */
  onGradients?: ((run: TrainingState, gradients: GradientRecord) => void) | undefined;
  /** After each step of the optimizer. */
  onStep?: ((run: TrainingState) => void) | undefined;
  /** Before the validation data is measured. */
  onEvaluationStart?: ((run: TrainingState, epoch: number) => void) | undefined;
  /** Before the weights are used as a result. */
  onMeasureStart?: ((run: TrainingState) => void) | undefined;
  /** After the weights have been used as a result. */
  onMeasureEnd?: ((run: TrainingState) => void) | undefined;
  /** After each epoch. */
  onEpochEnd?: ((run: TrainingState, record: EpochRecord) => void) | undefined;
  /** When training ends, also by `stop` or an abort. */
  onTrainEnd?: ((run: TrainingState, reason: EndReason) => void) | undefined;
}

import type { Parameter } from '../tensor/parameter.js';

/** What is known between the backward pass and the step of the optimizer. */
export interface GradientRecord {
  /** The step that is about to be made, counted from 1 since the start of training. */
  step: number;
  /** Counted from 1. */
  epoch: number;
  /** Counted from 1 within the epoch. */
  batch: number;
  /** How many batches the epoch has, if the source tells. */
  batches: number | undefined;
  /** Images in the batch. */
  size: number;
  /** Mean over the batch. */
  loss: number;
  /** The number of images whose largest logit was the right one: see `StepRecord`. */
  correct: number;
  /** The parameters that the step will change. Each has its gradient in `grad`, which may be written to. */
  parameters: readonly Parameter[];
}

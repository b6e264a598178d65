import type { EpochRecord } from './epochRecord.js';
import { isBetter, type Monitor, watched } from './monitor.js';
import { thinned } from './thinning.js';

export type { EpochRecord } from './epochRecord.js';

/** Why training ended: all epochs done, a callback asked for it, or the `signal` was aborted. */
export type EndReason = 'done' | 'stopped' | 'aborted';

/** The plain content of a `History`, fit for JSON. */
export interface HistoryJson {
  /** A record per epoch. */
  epochs: EpochRecord[];
  /** The training loss per step. */
  stepLoss: number[];
  /** The learning rate per step. */
  stepLearningRate: number[];
  /** Default 1. */
  stepsPerPoint?: number | undefined;
  /** The sum of the losses since the last point, and how many they are. */
  pending?: [sum: number, count: number] | undefined;
}

/** Points that the curves over steps have at most. */
export const MOST_POINTS = 16_384;
/** Records of epochs that are kept at most. */
export const MOST_EPOCHS = 4_096;

/**
 * What training measured: one record per epoch, and the loss and learning rate of every step.
 *
 * Its size is bounded, and so is that of checkpoints. The curves over steps have up to 16,384 points: beyond that, neighboring points are
 * merged, and each stands for 2, 4, 8, ... steps. Of the epochs, at least the newest 2,048 are kept; of older ones every second is dropped
 * when there are more than 4,096, but never one that is the best so far by any monitor.
 */
export class History {
  /** A record per epoch. */
  readonly epochs: EpochRecord[] = [];
  /** The loss of each step, or its mean over `stepsPerPoint` steps. */
  readonly stepLoss: number[] = [];
  /** The learning rate of each step, or of the last of `stepsPerPoint` steps. */
  readonly stepLearningRate: number[] = [];
  /** Set when `fit` returns. */
  endReason: EndReason | null = null;
  #stepsPerPoint = 1;
  /** Of the losses since the last point. */
  #sum = 0;
  #count = 0;

  /** How many steps each point of the curves stands for: 1 up to 16,384 steps. */
  get stepsPerPoint(): number {
    return this.#stepsPerPoint;
  }

  /** Steps that were measured, those included that are not in a point yet. */
  get steps(): number {
    return this.stepLoss.length * this.#stepsPerPoint + this.#count;
  }

  /** Adds a step; `train` calls it. */
  addStep(loss: number, learningRate: number): void {
    this.#sum += loss;
    if (++this.#count < this.#stepsPerPoint) return;
    if (this.stepLoss.length === MOST_POINTS) {
      this.#merge();
      return;
    }
    this.stepLoss.push(this.#count === 1 ? loss : this.#sum / this.#count);
    this.stepLearningRate.push(learningRate);
    this.#sum = 0;
    this.#count = 0;
  }

  /** Adds an epoch; `train` calls it. */
  addEpoch(record: EpochRecord): void {
    this.epochs.push(record);
    if (this.epochs.length > MOST_EPOCHS) this.epochs.splice(0, Infinity, ...thinned(this.epochs, MOST_EPOCHS / 2));
  }

  /** The best epoch by `monitor`, the first of equal ones; undefined if none has it. */
  best(monitor: Monitor): EpochRecord | undefined {
    let best: EpochRecord | undefined;
    for (const record of this.epochs) {
      const value = watched(record, monitor);
      if (value !== undefined && isBetter(monitor, value, best && watched(best, monitor))) best = record;
    }
    return best;
  }

  /** The history as plain objects. */
  toJSON(): Required<HistoryJson> & { endReason: EndReason | null } {
    const { epochs, stepLoss, stepLearningRate, stepsPerPoint, endReason } = this;
    return { epochs, stepLoss, stepLearningRate, stepsPerPoint, pending: [this.#sum, this.#count], endReason };
  }

  /** Takes over what `toJSON` gave, in place of what is here. */
  restore({
    epochs,
    stepLoss,
    stepLearningRate,
    stepsPerPoint = 1,
    pending: [sum, count] = [0, 0],
  }: HistoryJson): void {
    this.endReason = null;
    this.epochs.length = 0;
    this.stepLoss.length = 0;
    this.stepLearningRate.length = 0;
    for (const record of epochs) this.addEpoch({ ...record });
    this.#stepsPerPoint = 1;
    this.#sum = 0;
    this.#count = 0;
    // Those of a file without a bound are merged as they would have been in training.
    for (let i = 0; i < stepLoss.length; i++) this.addStep(stepLoss[i], stepLearningRate[i]);
    if (stepLoss.length > MOST_POINTS) return;
    this.#stepsPerPoint = stepsPerPoint;
    this.#sum = sum;
    this.#count = count;
  }

  /** Makes one point of every two. The steps that had no room go on as a half of the next one. */
  #merge(): void {
    const half = MOST_POINTS / 2;
    for (let i = 0; i < half; i++) {
      this.stepLoss[i] = (this.stepLoss[2 * i] + this.stepLoss[2 * i + 1]) / 2;
      this.stepLearningRate[i] = this.stepLearningRate[2 * i + 1];
    }
    this.stepLoss.length = half;
    this.stepLearningRate.length = half;
    this.#stepsPerPoint *= 2;
  }
}

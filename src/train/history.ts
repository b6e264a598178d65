import { isBetter, type Monitor, watched } from './monitor.js';

/** What one epoch came to. Losses and accuracies are means over images; accuracy is 0 to 1. */
export interface EpochRecord {
  /** Counted from 1, as it is shown. */
  epoch: number;
  /** Optimiser steps taken since the start of training. */
  step: number;
  /** That of the epoch's last step. */
  learningRate: number;
  /** Mean over the epoch's batches, each as it was trained on, so with weights that still changed. */
  loss: number;
  accuracy: number;
  /** Measured after the epoch in evaluation mode; absent without validation data. */
  validationLoss?: number | undefined;
  validationAccuracy?: number | undefined;
  /** What the `metrics` came to over the epoch's batches, and over the validation data. */
  metrics?: Record<string, number> | undefined;
  validationMetrics?: Record<string, number> | undefined;
  /** Wall-clock time of the epoch, validation included. */
  seconds: number;
}

/** Why training ended: all epochs done, a callback asked for it, or the `signal` was aborted. */
export type EndReason = 'done' | 'stopped' | 'aborted';

/** The plain content of a `History`, fit for JSON. */
export interface HistoryJson {
  epochs: EpochRecord[];
  stepLoss: number[];
  stepLearningRate: number[];
}

/** What training measured: one record an epoch, and the loss and learning rate of every step. */
export class History {
  readonly epochs: EpochRecord[] = [];
  readonly stepLoss: number[] = [];
  readonly stepLearningRate: number[] = [];
  /** Set when `fit` returns. */
  endReason: EndReason | null = null;

  /** The best epoch by `monitor`, the first of equal ones; undefined if none has it. */
  best(monitor: Monitor): EpochRecord | undefined {
    let best: EpochRecord | undefined;
    for (const record of this.epochs) {
      const value = watched(record, monitor);
      if (value !== undefined && isBetter(monitor, value, best && watched(best, monitor))) best = record;
    }
    return best;
  }

  toJSON(): HistoryJson & { endReason: EndReason | null } {
    const { epochs, stepLoss, stepLearningRate, endReason } = this;
    return { epochs, stepLoss, stepLearningRate, endReason };
  }

  /** Takes over what `toJSON` gave, in place of what is here. */
  restore({ epochs, stepLoss, stepLearningRate }: HistoryJson): void {
    this.endReason = null;
    this.epochs.splice(0, Infinity, ...epochs.map((record) => ({ ...record })));
    this.stepLoss.length = 0;
    this.stepLearningRate.length = 0;
    // One at a time: a spread of a long run's steps overflows the stack.
    for (const loss of stepLoss) this.stepLoss.push(loss);
    for (const rate of stepLearningRate) this.stepLearningRate.push(rate);
  }
}

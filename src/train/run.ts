import type { RandomState } from '../base/random.js';
import type { StateDict } from '../base/stateDict.js';
import type { Stateful } from '../base/stateful.js';
import type { Module } from '../layers/module.js';
import { RunningMean } from '../metrics/runningMean.js';
import type { WeightAverage } from '../optim/weightAverage.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { OuterStep } from './group/outerStep.js';
import { History } from './history.js';
import { RunRandom } from './runStreams.js';
import { TrainingClock } from './trainingClock.js';
import { checkTrainOptions, type TrainOptions } from './trainOptions.js';

/** Weights of a run besides those of the model. */
type Saved = Pick<WeightAverage, 'stateDict' | 'loadStateDict'>;

/** Why a run ends before it is done. */
export type Ending = 'stopped' | 'aborted' | null;

/** Where a training run stands. Events and callbacks get it. */
export class TrainingRun {
  /** What has been measured so far. */
  readonly history = new History();
  /** Whole epochs behind us. */
  epoch = 0;
  /** Batches of the present epoch behind us. */
  batch = 0;
  /** Optimiser steps behind us. */
  step = 0;
  /** Means over the present epoch. */
  readonly loss = new RunningMean();
  /** The share of this epoch's images that were predicted correctly. */
  readonly accuracy = new RunningMean();
  /** Batch statistics and gradients are under way: what is saved now would not go on with the same bytes. */
  isInStep = false;
  /** The first step has found that the model holds what it uses, and the optimizer what the model has. */
  isChecked = false;
  /** Wall-clock seconds of the present epoch. */
  seconds = 0;
  /** What `timeBudget` is measured by. */
  readonly clock = new TrainingClock();
  /** The streams that all of the run is drawn from. */
  readonly random = new RunRandom();
  /** The random streams as the present epoch began: its order is drawn from them again when it is resumed. */
  epochRandom: RandomState = this.random.state();
  /** What the ranks of a group have agreed on; null while they go on. */
  agreed: Ending = null;
  /** Of local SGD in a group; null without. */
  readonly outer: OuterStep | null;
  #stopped = false;

  constructor(
    readonly model: Module,
    /** The options that the run was started with. */
    readonly options: TrainOptions,
    /** The callbacks, whose states checkpoints hold. */
    readonly callbacks: readonly Stateful<TrainingRun>[] = [],
  ) {
    checkTrainOptions(model, options);
    const { group } = options;
    this.outer = group?.local === undefined ? null : new OuterStep(model, group, group.local);
    if (options.resume !== undefined) readCheckpoint(this, options.resume);
  }

  /** The share of training that is behind us, 0 to 1. */
  get progress(): number {
    const { timeBudget, epochs, train } = this.options;
    if (timeBudget !== undefined) return Math.min(1, this.clock.seconds / timeBudget);
    const total = train.length === undefined ? Number.NaN : epochs * train.length;
    return Math.min(1, total > 0 ? this.step / total : this.epoch / epochs);
  }

  /** Whether the epochs, or the seconds, are used up. */
  get isDone(): boolean {
    const { timeBudget, epochs } = this.options;
    return timeBudget === undefined ? this.epoch >= epochs : this.clock.seconds >= timeBudget;
  }

  /** Copies of the weights that validation measures: the averaged ones where there is an `average`. */
  measuredWeights(): StateDict {
    const average = this.step > 0 ? this.options.average : undefined;
    average?.swap();
    try {
      return this.model.stateDict();
    } finally {
      average?.swap();
    }
  }

  /** What a checkpoint holds besides the model, the optimiser, the loader and the callbacks, by name. */
  parts(): Map<string, Stateful<TrainingRun>> {
    const { average, lookahead, metrics = {} } = this.options;
    const parts = new Map<string, Stateful<TrainingRun>>();
    const add = (name: string, weights: Saved | undefined): void => {
      if (weights === undefined) return;
      parts.set(name, { saveState: () => weights.stateDict(), loadState: (state) => weights.loadStateDict(state) });
    };
    add('average', average);
    add('lookahead', lookahead);
    add('outer', this.outer ?? undefined);
    for (const [name, metric] of Object.entries(metrics)) parts.set(`metric ${name}`, metric);
    return parts;
  }

  /** Ends training: after the present step when a step's callback asks, else before the next epoch. */
  stop(): void {
    this.#stopped = true;
  }

  /** Whether the run ends here, and why. In a group, all ranks end at the same step: when they have agreed to. */
  get ending(): Ending {
    return this.options.group === undefined ? this.requested : this.agreed;
  }

  /** Whether this process wants to end, and why. */
  get requested(): Ending {
    if (this.options.signal?.aborted) return 'aborted';
    return this.#stopped ? 'stopped' : null;
  }

  /** Everything needed to go on from here with the same bytes: see `TrainOptions.resume`. */
  checkpoint(): Uint8Array {
    return writeCheckpoint(this);
  }
}

import { afterwards } from '../base/afterwards.js';
import { ArgumentError } from '../base/errors.js';
import type { RandomState } from '../base/random.js';
import type { StateDict } from '../base/stateDict.js';
import type { Stateful } from '../base/stateful.js';
import type { Module } from '../layers/module.js';
import { RunningMean } from '../metrics/runningMean.js';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { OuterStep } from './group/outerStep.js';
import { History } from './history.js';
import { optionParts } from './optionParts.js';
import { RunRandom } from './runStreams.js';
import { TrainingClock } from './trainingClock.js';
import type { TrainingPart } from './trainingPart.js';
import { checkTrainOptions, type TrainOptions } from './trainOptions.js';

/** What a run asks of its callbacks: see `Callback`. */
interface MeasuredPart extends Stateful<TrainingRun> {
  onMeasureStart?: ((run: TrainingRun) => void) | undefined;
  onMeasureEnd?: ((run: TrainingRun) => void) | undefined;
}

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
  /** Optimizer steps behind us. */
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
  /** What options such as `average` and `clipNorm` stand for. */
  readonly own: ReadonlyMap<string, TrainingPart>;
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
    readonly callbacks: readonly MeasuredPart[] = [],
  ) {
    checkTrainOptions(model, options);
    this.own = optionParts(options);
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

  /** Whether `epoch`, counted from 1 and done or almost, is the last one. */
  isLast(epoch: number): boolean {
    return this.options.timeBudget === undefined ? epoch >= this.options.epochs : this.isDone;
  }

  /** Runs `fn`, which may be async, with the weights that count as the result in the model: the averaged ones if there are any. */
  measured<T>(fn: () => T): T {
    const begun: MeasuredPart[] = [];
    const end = (): void => {
      for (const part of begun.reverse()) part.onMeasureEnd?.(this);
    };
    return afterwards(() => {
      for (const part of [...this.own.values(), ...this.callbacks]) {
        part.onMeasureStart?.(this);
        begun.push(part);
      }
      return fn();
    }, end);
  }

  /** Copies of the weights that validation measures: see `measured`. */
  measuredWeights(): StateDict {
    return this.measured(() => this.model.stateDict());
  }

  /** What a checkpoint holds besides the model, the optimizer, the loader and the callbacks, by name. */
  parts(): Map<string, Stateful<TrainingRun>> {
    const parts = new Map<string, Stateful<TrainingRun>>();
    for (const [name, part] of this.own) if (part.saveState !== undefined) parts.set(name, part);
    if (this.outer !== null) parts.set('outer', this.outer);
    for (const [name, metric] of Object.entries(this.options.metrics ?? {})) parts.set(`metric ${name}`, metric);
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

  /**
   * Everything needed to go on from here with the same bytes: see `TrainOptions.resume`.
   *
   * Throws `ArgumentError` between the backward pass and the step.
   */
  checkpoint(): Uint8Array {
    if (this.isInStep) {
      throw new ArgumentError(
        `checkpoint: step ${this.step + 1} is under way, so a run saved now would not resume with the same numbers. Save it in onSettled or onStep.`,
      );
    }
    return writeCheckpoint(this);
  }
}

import { SingleBar } from 'cli-progress';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { Callback } from '../train/callbacks.js';
import type { EpochRecord } from '../train/history.js';
import type { TrainingRun } from '../train/run.js';
import { formatDuration, formatMegabytes } from './amounts.js';

/** The part of Node's WriteStream that is used, so that the declarations need no types of Node. */
export interface TerminalStream {
  /** Whether it is a terminal, which can redraw a line. */
  readonly isTTY?: boolean | undefined;
  /** The width of the terminal, in characters. */
  readonly columns?: number | undefined;
  /** Prints text. */
  write(text: string): boolean;
}

/** Options of `progressBar`. */
export interface ProgressBarOptions {
  /** Where the bar is drawn, if that is a terminal. Default: `process.stderr`. */
  stream?: TerminalStream | undefined;
  /** Gets the line of each epoch. Default: `console.log`. */
  print?: ((line: string) => void) | undefined;
  /**
   * What each epoch costs beside another, where they differ: with `progressiveResize(sizes)` about `sizes.map((side) => side ** 2)`. The
   * last number stays. Only the time left goes by it. Default: all the same.
   */
  epochWork?: readonly number[] | undefined;
}

/** Columns that all but the bar itself takes. */
const TEXT_WIDTH = 85;

const LOOK = {
  // A narrow terminal cuts off the end.
  format: 'epoch {epoch} {bar} {percentage} %  {left}  loss {loss}  accuracy {accuracy}  {speed}  {memory}',
  barCompleteChar: '█',
  barIncompleteChar: '░',
  hideCursor: true,
  clearOnComplete: true,
  // Ctrl-C belongs to the program.
  gracefulExit: false,
};

/**
 * Shows how training goes: on a terminal a bar with loss, accuracy, images a second, memory and the time left for the whole run;
 * everywhere a line an epoch, and nothing else where the output is not a terminal.
 *
 * Images a second are those of the present epoch, validation left out. The time left is what the rest will take at the speed since
 * this program began, validation included (see `epochWork`); with a `timeBudget` it is what remains of that. Time in which the
 * machine sleeps counts for neither. Memory is all that the process has (RSS).
 *
 * @example
 * await fit(model, { ...options, callbacks: [progressBar()] });
 * // epoch 1/8  loss 1.5312  accuracy 44.73 %  validation loss 1.2043  validation accuracy 57.20 %  3108 images/s  0:16  214 MB  1:52 left
 */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  checkOptions('progressBar', options, ['stream', 'print', 'epochWork']);
  const { stream = process.stderr, print = console.log, epochWork = [1] } = options;
  if (epochWork.length === 0 || !epochWork.every((work) => work > 0 && Number.isFinite(work))) {
    throw new ArgumentError(
      `progressBar: epochWork is [${epochWork.join(', ')}], but must be numbers > 0, at least one.`,
    );
  }
  const bar = stream.isTTY
    ? new SingleBar({ ...LOOK, stream: stream as NodeJS.WriteStream, barsize: barSize(stream.columns) })
    : null;
  /** Where the run and the epoch stood when this program got to them. */
  let start = { seconds: 0, done: 0 };
  let epochSeconds = 0;
  let images = 0;
  let speed = Number.NaN;

  const close = (): void => {
    if (bar?.isActive) bar.stop();
  };
  const secondsLeft = (run: TrainingRun): number => {
    const { timeBudget } = run.options;
    if (timeBudget !== undefined) return Math.max(0, timeBudget - run.clock.seconds);
    const done = workDone(run, epochWork);
    return ((1 - done) * (run.clock.seconds - start.seconds)) / (done - start.done);
  };
  return {
    onRank0: true,
    onTrainStart(run) {
      start = { seconds: run.clock.seconds, done: workDone(run, epochWork) };
    },
    onEpochStart(run, epoch) {
      epochSeconds = run.clock.seconds;
      images = 0;
      const steps = run.options.train.length;
      if (steps === undefined) return;
      const blank = { loss: '-', accuracy: '-', speed: '-', memory: '-', left: 'starting' };
      bar?.start(steps, run.batch, { epoch: numberOf(run, epoch), ...blank });
    },
    onStep(run, { batch, size }) {
      images += size;
      speed = images / (run.clock.seconds - epochSeconds);
      if (!bar?.isActive) return;
      bar.update(batch, {
        loss: run.loss.value.toFixed(3),
        accuracy: percent(run.accuracy.value, 1),
        speed: `${speed.toFixed(0)} images/s`,
        memory: formatMegabytes(process.memoryUsage.rss()),
        left: `${formatDuration(secondsLeft(run))} left`,
      });
    },
    onEvaluationStart() {
      if (bar?.isActive) bar.update({ left: 'validating' });
    },
    onEpochEnd(run, record) {
      close();
      print(epochLine(run, record, speed, secondsLeft(run)));
    },
    onTrainEnd: close,
    onError: close,
  };
}

/** The share of all work that is behind us: `run.progress`, with each epoch weighed. */
function workDone(run: TrainingRun, epochWork: readonly number[]): number {
  const { epochs } = run.options;
  const done = run.progress * epochs;
  let behind = 0;
  let total = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const work = epochWork[Math.min(epoch, epochWork.length - 1)];
    total += work;
    behind += work * Math.min(1, Math.max(0, done - epoch));
  }
  return behind / total;
}

function epochLine(run: TrainingRun, record: EpochRecord, speed: number, left: number): string {
  const parts = [
    `epoch ${numberOf(run, record.epoch)}`,
    `loss ${record.loss.toFixed(4)}`,
    `accuracy ${percent(record.accuracy, 2)}`,
  ];
  if (record.validationLoss !== undefined) parts.push(`validation loss ${record.validationLoss.toFixed(4)}`);
  if (record.validationAccuracy !== undefined) {
    parts.push(`validation accuracy ${percent(record.validationAccuracy, 2)}`);
  }
  parts.push(`${speed.toFixed(0)} images/s`, formatDuration(record.seconds));
  parts.push(formatMegabytes(process.memoryUsage.rss()));
  if (run.progress < 1) parts.push(`${formatDuration(left)} left`);
  return parts.join('  ');
}

/** `3/10`; only `3` when the clock decides how many there will be. */
function numberOf(run: TrainingRun, epoch: number): string {
  const { epochs, timeBudget } = run.options;
  return timeBudget === undefined ? `${String(epoch).padStart(String(epochs).length)}/${epochs}` : String(epoch);
}

/** A share as `44.7 %`; `-` where the outputs are no logits of classes. */
function percent(share: number, digits: number): string {
  return Number.isNaN(share) ? '-' : `${(100 * share).toFixed(digits)} %`;
}

/** What the text leaves of the terminal, within reason. */
function barSize(columns = 80): number {
  return Math.min(30, Math.max(5, columns - TEXT_WIDTH));
}

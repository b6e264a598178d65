import { join } from 'node:path';
import type { EpochRecord } from '../../train/history.js';
import type { TrainingRun } from '../../train/run.js';
import type { StepRecord } from '../../train/trainStep.js';
import { jsonLine, linesUpTo, readJsonLines, wholeLines } from './jsonLines.js';
import { LogFile } from './logFile.js';
import { FILES, type TrackedEpoch, type TrackedStep } from './runFiles.js';
import { eventsUpTo, imageEvent, scalarsEvent, versionEvent } from './tensorboard.js';

/** The files of a run that grow as it trains. */
export class RunLogs {
  readonly #steps: LogFile;
  readonly #epochs: LogFile;
  readonly #events: LogFile;
  /** Of the present epoch. */
  #images = 0;
  #seconds = 0;

  /** Opens the files at the place where the run stands: what lies ahead of it is removed, what is missing comes from its history. */
  constructor(folder: string, run: TrainingRun) {
    const { step, history, epoch } = run;
    this.#steps = new LogFile(join(folder, FILES.steps), (bytes) => linesUpTo(bytes, step));
    this.#epochs = new LogFile(join(folder, FILES.epochs), (bytes) => linesUpTo(bytes, step));
    this.#events = new LogFile(join(folder, FILES.events), (bytes) => eventsUpTo(bytes, step));
    if (this.#events.takeKept().length === 0) this.#events.append(versionEvent(now()));

    let lastStep = 0;
    for (const { value: line } of wholeLines<TrackedStep>(this.#steps.takeKept())) {
      lastStep = line.step;
      if (line.epoch === epoch + 1) this.#images += line.size ?? 0;
    }
    const last = readJsonLines<TrackedEpoch>(this.#epochs.takeKept()).at(-1)?.epoch ?? 0;
    const epochs = history.epochs.filter((record) => record.epoch > last);
    const each = history.stepsPerPoint;
    for (let i = Math.floor(lastStep / each); i < history.stepLoss.length; i++) {
      const at = (i + 1) * each;
      this.#writeStep({ step: at, loss: history.stepLoss[i], learningRate: history.stepLearningRate[i] });
      while (epochs.length > 0 && epochs[0].step <= at) this.#writeEpoch(epochs.shift() as EpochRecord);
    }
    for (const record of epochs) this.#writeEpoch(record);
  }

  addStep(run: TrainingRun, { step, epoch, loss, learningRate, correct, size }: StepRecord): void {
    this.#images += size;
    this.#seconds = run.seconds;
    this.#writeStep({ step, epoch, loss, learningRate, accuracy: correct / size, size, seconds: run.clock.seconds });
  }

  addEpoch(record: EpochRecord): void {
    const imagesPerSecond = this.#seconds > 0 ? this.#images / this.#seconds : undefined;
    this.#images = 0;
    this.#seconds = 0;
    this.#writeEpoch({ ...record, imagesPerSecond, memoryMiB: process.memoryUsage.rss() / 2 ** 20 });
    this.sync();
  }

  addScalars(step: number, values: Readonly<Record<string, number>>): void {
    this.#events.append(scalarsEvent(now(), step, values));
  }

  addPicture(step: number, name: string, png: Uint8Array): void {
    this.#events.append(imageEvent(now(), step, name, png));
  }

  /** Waits until the disk has everything. */
  sync(): void {
    for (const file of [this.#steps, this.#epochs, this.#events]) file.sync();
  }

  close(): void {
    for (const file of [this.#steps, this.#epochs, this.#events]) file.close();
  }

  #writeStep(line: TrackedStep): void {
    this.#steps.append(jsonLine(line));
    const { step, loss, accuracy, learningRate } = line;
    this.#events.append(scalarsEvent(now(), step, { 'loss/step': loss, 'accuracy/step': accuracy, learningRate }));
  }

  #writeEpoch(line: TrackedEpoch): void {
    this.#epochs.append(jsonLine(line));
    const scalars: Record<string, number | undefined> = {
      'loss/epoch': line.loss,
      'accuracy/epoch': line.accuracy,
      'loss/validation': line.validationLoss,
      'accuracy/validation': line.validationAccuracy,
      imagesPerSecond: line.imagesPerSecond,
      memoryMiB: line.memoryMiB,
    };
    for (const [name, value] of Object.entries(line.metrics ?? {})) scalars[`${name}/epoch`] = value;
    for (const [name, value] of Object.entries(line.validationMetrics ?? {})) scalars[`${name}/validation`] = value;
    this.#events.append(scalarsEvent(now(), line.step, scalars));
  }
}

function now(): number {
  return Date.now() / 1000;
}

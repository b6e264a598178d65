import { FormatError } from '../base/errors.js';
import { list, numberField, object, text, tuple, whole } from '../base/fields.js';
import type { RawTensor } from '../io/safetensors.js';
import { type EpochRecord, type History, type HistoryJson, MOST_EPOCHS, MOST_POINTS } from './history.js';
import { numbersOf } from './thinning.js';
import type { TrainOptions } from './trainOptions.js';

/** What of a history is not in its tensors. */
export interface HistoryHead {
  points: number;
  stepsPerPoint: number;
  pending: [sum: number, count: number];
  epochs: number;
  /** The numbers of an epoch, by name: columns of the table of epochs. */
  columns: string[];
}

const STEPS = 'history.steps';
const EPOCHS = 'history.epochs';
const PRESENT = 'history.epochs.present';

/** Checks the head of a history. */
export const historyHead = object<HistoryHead>({
  points: whole,
  stepsPerPoint: whole,
  pending: tuple(numberField, whole),
  epochs: whole,
  columns: list(text),
});

/**
 * A history as tables of doubles: [steps, 2] with loss and learning rate, [epochs, columns], and which numbers of the latter are present. The
 * tables are as long as the run's plan will need them, at most as long as a history gets, so that checkpoints of a run are of one size.
 */
export function historyTensors(
  history: History,
  { epochs: planned, train, validation, metrics = {} }: TrainOptions,
): { head: HistoryHead; tensors: Map<string, RawTensor> } {
  const { epochs, stepLoss, stepLearningRate, stepsPerPoint, pending } = history.toJSON();
  const rows = roomFor(stepLoss.length, planned * (train.length ?? Number.NaN), MOST_POINTS);
  const steps = new Float64Array(2 * rows);
  for (let i = 0; i < stepLoss.length; i++) {
    steps[2 * i] = stepLoss[i];
    steps[2 * i + 1] = stepLearningRate[i];
  }
  const names = Object.keys(metrics);
  const columns = new Set(['epoch', 'step', 'learningRate', 'loss', 'accuracy', 'seconds']);
  for (const name of names) columns.add(`metrics.${name}`);
  if (validation !== undefined) {
    for (const name of ['validationLoss', 'validationAccuracy']) columns.add(name);
    for (const name of names) columns.add(`validationMetrics.${name}`);
  }
  const flat = epochs.map((record) => new Map(numbersOf(record)));
  for (const record of flat) for (const name of record.keys()) columns.add(name);
  const most = roomFor(epochs.length, planned, MOST_EPOCHS);
  const values = new Float64Array(most * columns.size);
  const present = new Uint8Array(most * columns.size);
  for (const [i, record] of flat.entries()) {
    let at = i * columns.size;
    for (const name of columns) {
      const value = record.get(name);
      if (value !== undefined) [values[at], present[at]] = [value, 1];
      at++;
    }
  }
  return {
    head: { points: stepLoss.length, stepsPerPoint, pending, epochs: epochs.length, columns: [...columns] },
    tensors: new Map([
      [STEPS, { dtype: 'F64', shape: [rows, 2], bytes: doubleBytes(steps) }],
      [EPOCHS, { dtype: 'F64', shape: [most, columns.size], bytes: doubleBytes(values) }],
      [PRESENT, { dtype: 'U8', shape: [most, columns.size], bytes: present }],
    ]),
  };
}

/** What `historyTensors` made a head and tensors of. Throws `FormatError` when they do not belong together. */
export function readHistory(head: HistoryHead, tensors: ReadonlyMap<string, RawTensor>): Required<HistoryJson> {
  const { points, stepsPerPoint, pending, epochs, columns } = head;
  if (points > MOST_POINTS || epochs > MOST_EPOCHS) {
    throw new FormatError(
      `the field 'history' tells of ${points} points and ${epochs} epochs, more than there can be.`,
    );
  }
  const [, count] = pending;
  if (!Number.isInteger(Math.log2(stepsPerPoint)) || count >= stepsPerPoint) {
    throw new FormatError(
      `the field 'history' has ${count} steps after the last point, of which each stands for ${stepsPerPoint}. That must be a power of 2, and more.`,
    );
  }
  const steps = doublesOf(tensors, STEPS, points, 2);
  const values = doublesOf(tensors, EPOCHS, epochs, columns.length);
  const present = tableOf(tensors, PRESENT, 'U8', epochs, columns.length);
  return {
    stepLoss: Array.from({ length: points }, (_, i) => steps[2 * i]),
    stepLearningRate: Array.from({ length: points }, (_, i) => steps[2 * i + 1]),
    stepsPerPoint,
    pending,
    epochs: Array.from({ length: epochs }, (_, i) => {
      const at = i * columns.length;
      return recordOf(columns.flatMap((name, j) => (present[at + j] === 0 ? [] : [[name, values[at + j]]])));
    }),
  };
}

function recordOf(numbers: readonly [name: string, value: number][]): EpochRecord {
  const record: Record<string, unknown> = {};
  for (const [name, value] of numbers) {
    const dot = name.indexOf('.');
    if (dot < 0) {
      record[name] = value;
      continue;
    }
    const group = name.slice(0, dot);
    if (group !== 'metrics' && group !== 'validationMetrics') {
      throw new FormatError(`the field 'history.columns' names '${name}', which no epoch has.`);
    }
    record[group] = { ...(record[group] as object), [name.slice(dot + 1)]: value };
  }
  for (const name of ['epoch', 'step', 'learningRate', 'loss', 'accuracy', 'seconds']) {
    if (record[name] === undefined) throw new FormatError(`the tensor '${EPOCHS}' has an epoch without ${name}.`);
  }
  return record as unknown as EpochRecord;
}

/** Rows for what there is and what is planned; where nothing tells, a power of 2, so that the size changes seldom. */
function roomFor(present: number, planned: number, most: number): number {
  const wanted = Number.isNaN(planned) ? 2 ** Math.ceil(Math.log2(Math.max(1, present))) : planned;
  return Math.min(most, Math.max(present, wanted));
}

/** Little-endian on every machine. */
function doubleBytes(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i], true);
  return bytes;
}

function doublesOf(tensors: ReadonlyMap<string, RawTensor>, name: string, rows: number, columns: number): Float64Array {
  const bytes = tableOf(tensors, name, 'F64', rows, columns);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from({ length: rows * columns }, (_, i) => view.getFloat64(8 * i, true));
}

function tableOf(
  tensors: ReadonlyMap<string, RawTensor>,
  name: string,
  wanted: 'F64' | 'U8',
  rows: number,
  columns: number,
): Uint8Array {
  const { dtype, shape, bytes } = tensors.get(name) ?? { dtype: 'none', shape: [], bytes: new Uint8Array() };
  if (dtype !== wanted || shape.length !== 2 || shape[0] < rows || shape[1] !== columns) {
    throw new FormatError(
      `the tensor '${name}' is ${dtype} [${shape.join(', ')}], but must be ${wanted} with at least ${rows} rows of ${columns}.`,
    );
  }
  return bytes;
}

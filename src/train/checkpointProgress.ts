import { FormatError } from '../base/errors.js';
import {
  anything,
  atLeast0,
  type Check,
  dictionary,
  integer,
  list,
  nullable,
  numberField,
  object,
  optional,
  text,
  tuple,
  whole,
} from '../base/fields.js';
import type { RandomState, StreamState } from '../base/random.js';
import type { LoaderState } from '../data/loader.js';
import type { RawTensor } from '../io/safetensors.js';
import type { RunningMean } from '../metrics/runningMean.js';
import type { OptimizerState } from '../optim/optimizerState.js';
import type { EpochRecord, HistoryJson } from './history.js';
import { type HistoryHead, historyHead, readHistory } from './historyTables.js';

/** What `datasetChecksum` gives for the images of a run; null where a source does not tell its data set. */
export interface DataChecksums {
  /** The checksum of the training images. */
  train: string | null;
  /** The checksum of the validation images. */
  validation: string | null;
}

/** What of a run is not tensors. JSON keeps every digit of a double. */
export interface Progress {
  epoch: number;
  batch: number;
  step: number;
  seconds: number;
  loss: RunningMean['state'];
  accuracy: RunningMean['state'];
  random: RandomState;
  epochRandom: RandomState;
  loader: LoaderState | null;
  data: DataChecksums;
  optimizer: Omit<OptimizerState, 'tensors'>;
  callbacks: unknown[];
  /** `TrainingRun.parts` by name; absent in files written before there were any. */
  parts?: Record<string, unknown> | undefined;
  /** Seconds on the run's clock. */
  clock?: number | undefined;
}

/** Progress as it stands in the file, and what its history was read from. */
type Read = { progress: Progress; history: HistoryJson };

/**
 * Checks every field of what a checkpoint of version 2 or 3 holds in JSON, and reads the history: in version 2 it stands there too.
 *
 * Throws `FormatError` that names the first field which is missing or not what it should be.
 */
export function readProgress(version: string, json: string, tensors: ReadonlyMap<string, RawTensor>): Read {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new FormatError("the field 'checkpoint' is not JSON.", { cause });
  }
  const progress = progressFields(value, '');
  if (version === '2') return { progress, history: object({ history: oldHistory })(value, '').history };
  const { history } = object<{ history: HistoryHead }>({ history: historyHead })(value, '');
  return { progress, history: readHistory(history, tensors) };
}

/** Of the Alea generator: three fractions and a carry. */
const fraction: Check<number> = (value, name) => {
  if (atLeast0(value, name) < 1) return value as number;
  throw new FormatError(`the field '${name}' is ${value}, but must be below 1.`);
};

const stream = object<StreamState>({ c: whole, s0: fraction, s1: fraction, s2: fraction });
const random = object<RandomState>({ seed: text, streams: dictionary(stream) });
const mean = tuple(nullable(numberField), atLeast0);

const loader = object<LoaderState>({
  epoch: whole,
  batch: whole,
  seeds: nullable(object({ shuffle: integer, augment: integer })),
  firstAugment: optional(integer),
  streams: optional(object({ shuffle: stream, augment: stream })),
});

const optimizer = object<Omit<OptimizerState, 'tensors'>>({
  optimizer: text,
  learningRate: atLeast0,
  groups: list(
    object<OptimizerState['groups'][number]>({
      learningRateScale: atLeast0,
      size: whole,
      // The optimizer knows what its options may be.
      options: dictionary(anything) as Check<OptimizerState['groups'][number]['options']>,
    }),
  ),
  steps: list(whole),
});

const progressFields = object<Progress>({
  epoch: whole,
  batch: whole,
  step: whole,
  seconds: atLeast0,
  loss: mean,
  accuracy: mean,
  random,
  epochRandom: random,
  loader: nullable(loader),
  data: object<DataChecksums>({ train: nullable(text), validation: nullable(text) }),
  optimizer,
  callbacks: list(anything),
  parts: optional(dictionary(anything)),
  clock: optional(atLeast0),
});

/** JSON made null of NaN. */
const numberOrNaN: Check<number> = (value, name) => (value === null ? Number.NaN : numberField(value, name));

const oldHistory: Check<HistoryJson> = (value, name) => {
  const history = object<HistoryJson>({
    epochs: list(
      object<EpochRecord>({
        epoch: whole,
        step: whole,
        learningRate: numberField,
        loss: numberOrNaN,
        accuracy: numberOrNaN,
        validationLoss: optional(numberOrNaN),
        validationAccuracy: optional(numberOrNaN),
        metrics: optional(dictionary(numberOrNaN)),
        validationMetrics: optional(dictionary(numberOrNaN)),
        seconds: numberOrNaN,
      }),
    ),
    stepLoss: list(numberOrNaN),
    stepLearningRate: list(numberOrNaN),
    stepsPerPoint: () => 1,
    pending: () => [0, 0],
  })(value, name);
  const [losses, rates] = [history.stepLoss.length, history.stepLearningRate.length];
  if (losses !== rates) {
    throw new FormatError(`the field '${name}' has the losses of ${losses} steps, but the learning rates of ${rates}.`);
  }
  return history;
};

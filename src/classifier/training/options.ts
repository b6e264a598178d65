import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Callback } from '../../train/callbacks.js';
import type { PreprocessingOptions } from '../preprocessing.js';
import { type ClassifierKind, kinds } from '../probabilities.js';
import type { FineTuned } from './fineTune.js';

/** How far training is. */
export interface TrainingProgress {
  /** What is done at the moment. */
  readonly phase: 'features' | 'head' | 'fine-tuning' | 'testing';
  /** Steps of the phase so far. */
  readonly done: number;
  /** Steps of the phase in all. */
  readonly total: number;
}

/** What `trainClassifier` trains, on what, and what it leaves. */
export interface TrainClassifierOptions {
  /**
   * A network that was trained on photographs: a classifier's file, the `model.json` of a TensorFlow.js layers model or its folder, or a file
   * of weights with `architecture`. Default: none, a small network is trained from scratch, which needs more photographs and time.
   */
  backbone?: string | undefined;
  /** The name of the network, for weights that don't tell, and for training from scratch: 'resnet18'. */
  architecture?: string | undefined;
  /** How photographs are prepared. Default: what the backbone's file says. */
  preprocessing?: PreprocessingOptions | undefined;
  /** Trains the backbone too, after the new last layer: its last third or all of it. Default: the last layer alone. */
  fineTune?: 'none' | FineTuned | undefined;
  /** Of fine-tuning, or from scratch. Default 10; from scratch 30. */
  epochs?: number | undefined;
  /** Of the last layers. Default 1e-4; from scratch 2e-3. */
  learningRate?: number | undefined;
  /** Default 16; from scratch 32. */
  batchSize?: number | undefined;
  /**
   * A CSV, TSV, JSON or JSON Lines file with the label or labels of each photograph. Default: `labels.csv` and other usual names, in a folder without folders of
   * classes.
   */
  labels?: string | undefined;
  /**
   * 'one-of-many' answers with one class, 'multi-label' with any number of labels, 'binary' with yes or no. Default: 'multi-label' where a photograph has several
   * labels or none, otherwise 'one-of-many'.
   */
  kind?: ClassifierKind | undefined;
  /** With kind 'binary', the class that means yes. Default: the second one. */
  positive?: string | undefined;
  /** Uses at most so many photographs of each class, drawn at random. Default: all. */
  perClass?: number | undefined;
  /** Default 0. */
  seed?: number | undefined;
  /** A file in which features of photographs are kept for the next run. Default: none. */
  cache?: string | undefined;
  /** A folder that keeps the state of fine-tuning or training from scratch, saved after each epoch and each minute. Default: none. */
  checkpoints?: string | undefined;
  /** Goes on from the state in `checkpoints`, if there is one. Default false. */
  resume?: boolean | undefined;
  /** Aborting it ends training with its reason; features that were computed stay in the cache. */
  signal?: AbortSignal | undefined;
  /** Hears how far each phase has come. */
  onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** Hears of what is worth knowing: imbalance, skipped files, stages. */
  onNote?: ((note: string) => void) | undefined;
  /** Callbacks of `fit` while the backbone learns. */
  callbacks?: readonly Callback[] | undefined;
}

const OPTIONS: Record<keyof TrainClassifierOptions, true> = {
  backbone: true,
  architecture: true,
  preprocessing: true,
  fineTune: true,
  epochs: true,
  learningRate: true,
  batchSize: true,
  labels: true,
  kind: true,
  positive: true,
  perClass: true,
  seed: true,
  cache: true,
  checkpoints: true,
  resume: true,
  signal: true,
  onProgress: true,
  onNote: true,
  callbacks: true,
};

/** Throws `ArgumentError` for an option that is unknown or out of range. */
export function checkTraining(options: TrainClassifierOptions): void {
  checkOptions('trainClassifier', options, Object.keys(OPTIONS));
  const { fineTune: part = 'none', epochs, batchSize, perClass, learningRate, seed, backbone } = options;
  if (!['none', 'last', 'all'].includes(part)) {
    throw new ArgumentError(`trainClassifier: fineTune is '${part}', but must be 'none', 'last' or 'all'.`);
  }
  const { kind, positive } = options;
  if (kind !== undefined && !kinds.includes(kind)) {
    throw new ArgumentError(`trainClassifier: kind is '${kind}', but must be one of ${kinds.join(', ')}.`);
  }
  if (positive !== undefined && kind !== 'binary') {
    throw new ArgumentError("trainClassifier: positive is the class that means yes. Pass kind: 'binary' with it.");
  }
  for (const [name, value] of Object.entries({ epochs, batchSize })) {
    if (value !== undefined) checkWhole('trainClassifier', name, value, 1);
  }
  if (perClass !== undefined) checkWhole('trainClassifier', 'perClass', perClass, 2);
  if (seed !== undefined) checkWhole('trainClassifier', 'seed', seed, 0);
  if (learningRate !== undefined && !(learningRate > 0)) {
    throw new ArgumentError(`trainClassifier: learningRate is ${learningRate}, but must be above 0.`);
  }
  if (options.resume && options.checkpoints === undefined) {
    throw new ArgumentError(
      'trainClassifier: resume needs checkpoints, the folder that the earlier run kept its state in.',
    );
  }
  if (backbone !== undefined && typeof backbone !== 'string') {
    throw new ArgumentError(`trainClassifier: backbone is ${String(backbone)}, but must be the path of a file.`);
  }
}

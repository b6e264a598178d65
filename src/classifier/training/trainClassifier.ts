import { RandomStream } from '../../base/random.js';
import type { History } from '../../train/history.js';
import type { ImageClassifier } from '../imageClassifier.js';
import { loadBackbone } from './backbone.js';
import { noteClasses } from './enough.js';
import { measureList } from './evaluateClassifier.js';
import type { Skipped } from './features.js';
import { trainFromScratch } from './fromScratch.js';
import { labelSuspects } from './labelErrors.js';
import type { Measured } from './measured.js';
import type { MeasuredLabels } from './measuredLabels.js';
import { checkTraining, type TrainClassifierOptions } from './options.js';
import { firstOfEach, listPhotos, type PhotoFolders } from './photoList.js';
import { transfer } from './transfer.js';

/** A photograph whose label looks wrong. */
export interface Suspect {
  /** The file. */
  readonly path: string;
  /** The class that its folder says; where photographs may have several labels, 'not ...' for one that it lacks. */
  readonly label: string;
  /** The class that the network sees. */
  readonly suggested: string;
  /** By how much the suggested class is likelier, 0 to 1. */
  readonly margin: number;
}

/** What training came to. */
export interface TrainingResult {
  /** The trained classifier, calibrated. */
  readonly classifier: ImageClassifier;
  /** On the `test` or `val` part of the folder; null where it has none. */
  readonly test: Measured | MeasuredLabels | null;
  /** On held-out photographs of the training part, which also chose temperature and operating points. */
  readonly heldOut: Measured | MeasuredLabels;
  /** Photographs whose labels may be wrong, the most certain first. */
  readonly suspects: readonly Suspect[];
  /** Files that could not be read. */
  readonly skipped: readonly Skipped[];
  /** What you should know about the run, in sentences. */
  readonly notes: readonly string[];
  /** Of fine-tuning or training from scratch. */
  readonly history: History | null;
  /** How long the run took. */
  readonly seconds: number;
  /** How many photographs were learned from. */
  readonly photos: number;
}

/**
 * Trains an image classifier on a folder of photographs, a folder per class or with a file of labels. With a backbone, its features are computed once and a new last layer
 * is trained on them, in seconds; `fineTune` then trains the backbone too. Temperature and operating points come from held-out photographs.
 * A `val` or `test` part is used to measure, and for nothing else.
 *
 * Where photographs have several labels, each output is trained with a sigmoid and binary cross-entropy, and held-out photographs also choose the
 * threshold of each label.
 *
 * Throws `DataError` for a folder without photographs, with fewer than two classes or with a class of fewer than two photographs that can be
 * read, or for labels that all photographs have; `ArgumentError` for options that are unknown or out of range.
 *
 * @example
 * const classifier = await trainClassifier('photos', { backbone: 'mobilenet/model.json' });
 * await classifier.save('photos.safetensors');
 */
export async function trainClassifier(folder: string, options: TrainClassifierOptions = {}): Promise<ImageClassifier> {
  return (await runTraining(folder, options)).classifier;
}

/** `trainClassifier`, with all that a report needs. */
export async function runTraining(folder: string, options: TrainClassifierOptions = {}): Promise<TrainingResult> {
  checkTraining(options);
  const started = performance.now();
  const { seed = 0, onProgress, signal } = options;
  const notes: string[] = [];
  const note = (text: string): void => {
    notes.push(text);
    options.onNote?.(text);
  };
  const { labels, kind, positive } = options;
  const lists = limited(await listPhotos(folder, { labels, kind, positive }), options.perClass, seed);
  noteClasses(lists.train, note);
  const trained =
    options.backbone === undefined
      ? await trainFromScratch(lists.train, options)
      : await transfer(await loadBackbone(options.backbone, options), lists.train, { ...options, onNote: note });
  const { classifier, heldOut, skipped, history } = trained;
  const test =
    lists.test === null
      ? null
      : await measureList(classifier, lists.testName as string, lists.test, {
          signal,
          onProgress: (done, total) => onProgress?.({ phase: 'testing', done, total }),
        });
  const all = [...skipped, ...(test?.skipped ?? [])];
  for (const { path, reason } of all) note(`skipped ${path}: ${reason}`);
  const suspects = suspectsOf(heldOut);
  const { classes } = lists.train;
  const best = test ?? heldOut;
  const photos = lists.train.paths.length - skipped.length;
  const info = {
    trainedOn: `${photos} photographs of ${classes.length} classes`,
    seed,
    accuracy: Number(best.accuracy.toFixed(4)),
    ...(best.kind === 'multi-label' && {
      meanAveragePrecision: Number(best.meanAveragePrecision.toFixed(4)),
      meanF1: Number(best.meanF1.toFixed(4)),
    }),
    measuredOn: `${best.predictions.length} photographs (${best.name})`,
    calibrationError: Number(best.calibrationError.toFixed(4)),
  };
  return {
    classifier: classifier.with({ info }),
    test,
    heldOut,
    suspects,
    skipped: all,
    notes,
    history,
    seconds: (performance.now() - started) / 1000,
    photos,
  };
}

function suspectsOf(found: Measured | MeasuredLabels): Suspect[] {
  const { classes } = found;
  if (found.kind === 'multi-label') return classes.flatMap((_, k) => suspectsOfLabel(found, k)).sort(byMargin);
  const { predictions } = found;
  const confidences = predictions.flatMap((each) => [...each.confidences]);
  const labels = predictions.map(({ label }) => label);
  return labelSuspects(confidences, labels, classes.length).map(({ index, suggested, margin }) => ({
    path: predictions[index].path,
    label: classes[labels[index]],
    suggested: classes[suggested],
    margin,
  }));
}

/** Photographs that have a label wrongly, or lack it wrongly. */
function suspectsOfLabel({ predictions, classes }: MeasuredLabels, k: number): Suspect[] {
  const confidences = predictions.flatMap((each) => [1 - each.confidences[k], each.confidences[k]]);
  const marks = predictions.map((each) => each.marks[k]);
  const names = [`not ${classes[k]}`, classes[k]];
  return labelSuspects(confidences, marks, 2).map(({ index, suggested, margin }) => ({
    path: predictions[index].path,
    label: names[marks[index]],
    suggested: names[suggested],
    margin,
  }));
}

function byMargin(a: Suspect, b: Suspect): number {
  return b.margin - a.margin;
}

function limited(lists: PhotoFolders, count: number | undefined, seed: number): PhotoFolders {
  if (count === undefined) return lists;
  const order = new RandomStream(`${seed}/per class`).shuffle(Int32Array.from(lists.train.paths, (_, i) => i));
  return { ...lists, train: firstOfEach(lists.train, count, order) };
}

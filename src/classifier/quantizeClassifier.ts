import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { pause } from '../data/pause.js';
import type { QuantizedModel, QuantizeOptions } from '../edge/index.js';
import { Tensor } from '../tensor/tensor.js';
import { ImageClassifier } from './imageClassifier.js';
import { nameOfPhoto, type Photo, readPhoto } from './photo.js';
import { viewsOf } from './photoViews.js';
import { prepare } from './prepare.js';
import type { Preprocessing } from './preprocessing.js';
import { optionsOf } from './settings.js';
import { listPhotos } from './training/photoList.js';

/** How a classifier is quantized: the options of `quantize`, whose images come from the photographs. */
export interface QuantizeClassifierOptions
  extends Omit<QuantizeOptions, 'inputShape' | 'calibration' | 'validation' | 'maxImages'> {
  /** A file of labels: CSV, TSV, JSON or JSON Lines. Default: the one that `imageFolder` finds, or a folder per class. */
  labels?: string | undefined;
  /** Photographs that ranges are found on, spread over the folder or the list. Default 300. */
  calibrationPhotos?: number | undefined;
  /** Photographs that are measured, of the `test` or `val` part of the folder. Default 1000. */
  validationPhotos?: number | undefined;
  /** Aborting it ends the work with its reason. */
  signal?: AbortSignal | undefined;
  /** Called after each photograph that is read. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A classifier in 8-bit integers. */
export type QuantizedClassifier = ImageClassifier & {
  /** The network in integers, with the report of what that cost. */
  readonly model: QuantizedModel;
};

/** Photographs, and the class of each where it is known. */
interface Photographs {
  readonly photos: readonly Photo[];
  /** Numbers of classes of the classifier. */
  readonly classes: readonly number[] | null;
}

/**
 * Turns the network of a classifier into 8-bit integers: a quarter of the size, and faster on CPUs. Everything else of the classifier stays. `save`
 * and `load` work as ever, and `model.report` tells what it cost.
 *
 * `photographs` is a folder, as for `trainClassifier`, or a list. Ranges are found on its `train` part and accuracy is measured on its `test` or `val`
 * part. Where there is one part alone, it serves for both. Photographs that can't be read are left out. The report is about the best class; for
 * several labels or yes and no, compare both classifiers with `evaluateClassifier`.
 *
 * Throws `DataError` when no photograph can be read, and what `quantize` throws.
 *
 * @example
 * const small = await quantizeClassifier(classifier, 'photos', { weightBits: 7, activationBits: 7 });
 * console.log(String(small.model.report));
 * await small.save('photos.int8.safetensors');
 */
export async function quantizeClassifier(
  classifier: ImageClassifier,
  photographs: string | readonly Photo[],
  options: QuantizeClassifierOptions = {},
): Promise<QuantizedClassifier> {
  const { labels, calibrationPhotos = 300, validationPhotos = 1000, signal, onProgress, ...rest } = options;
  checkOptions('quantizeClassifier', options, [...OWN, ...PASSED_ON]);
  expectCount('calibrationPhotos', calibrationPhotos);
  expectCount('validationPhotos', validationPhotos);
  const parts = await partsOf(classifier, photographs, labels);
  const calibration = spread(parts.calibration, calibrationPhotos);
  const validation = parts.validation && spread(parts.validation, validationPhotos);
  const total = calibration.photos.length + (validation?.photos.length ?? 0);
  let done = 0;
  const read = (part: Photographs): AsyncIterable<Batch> =>
    batchesOf(part, classifier.settings.preprocessing, () => {
      signal?.throwIfAborted();
      onProgress?.(++done, total);
    });
  const { quantize } = await import('../edge/index.js');
  const { size, colorOrder } = classifier.settings.preprocessing;
  const model = await quantize(classifier.model, {
    ...rest,
    inputShape: [1, colorOrder === 'L' ? 1 : 3, ...size],
    calibration: read(calibration),
    validation: validation === null ? undefined : read(validation),
    maxImages: Math.max(calibrationPhotos, validationPhotos),
  });
  return new ImageClassifier(model, optionsOf(classifier.settings)) as QuantizedClassifier;
}

const OWN = ['labels', 'calibrationPhotos', 'validationPhotos', 'signal', 'onProgress'];
const PASSED_ON = [
  'weightBits',
  'activationBits',
  'perChannel',
  'ranges',
  'percentile',
  'inputRanges',
  'biasCorrection',
  'equalize',
  'keepFloat',
  'maxDrop',
  'onDrop',
] satisfies (keyof QuantizeOptions)[];

function expectCount(name: string, count: number): void {
  if (Number.isSafeInteger(count) && count > 0) return;
  throw new ArgumentError(`quantizeClassifier: ${name} is ${count}, but must be a whole number above 0.`);
}

async function partsOf(
  { settings }: ImageClassifier,
  photographs: string | readonly Photo[],
  labels: string | undefined,
): Promise<{ calibration: Photographs; validation: Photographs | null }> {
  if (typeof photographs !== 'string') {
    return { calibration: { photos: photographs, classes: null }, validation: null };
  }
  const { train, test } = await listPhotos(photographs, { labels });
  const numbers = train.classes.map((name) =>
    settings.classes.findIndex((own) => own.name === name || own.id === name),
  );
  // Without labels of its own classes, the answers of both networks are compared.
  const known = [train.kind, settings.kind].every((kind) => kind === 'one-of-many') && !numbers.includes(-1);
  const of = ({ paths, labels: own }: typeof train): Photographs => ({
    photos: paths,
    classes: known ? own.map((label) => numbers[label] as number) : null,
  });
  return { calibration: of(train), validation: test && of(test) };
}

/** So many photographs from all over the list. */
function spread({ photos, classes }: Photographs, most: number): Photographs {
  if (photos.length <= most) return { photos, classes };
  const chosen = Array.from({ length: most }, (_, i) => Math.floor((i * photos.length) / most));
  return { photos: chosen.map((n) => photos[n] as Photo), classes: classes && chosen.map((n) => classes[n] as number) };
}

interface Batch {
  x: Tensor;
  labels?: number[] | undefined;
}

/** Inputs of the network, one photograph at a time. */
async function* batchesOf(part: Photographs, how: Preprocessing, read: () => void): AsyncGenerator<Batch> {
  const views = viewsOf('quantizeClassifier', 'center');
  let failure: Error | null = null;
  let found = 0;
  for (const [i, photo] of part.photos.entries()) {
    let input: Float32Array | undefined;
    try {
      [input] = await prepare(await readPhoto(photo), how, views);
    } catch (error) {
      if (error instanceof ArgumentError || !(error instanceof Error)) throw error;
      failure ??= new Error(`${nameOfPhoto(photo)}: ${error.message}`, { cause: error });
    }
    read();
    if (input === undefined) continue;
    found++;
    const x = Tensor.from(input, [1, input.length / (how.size[0] * how.size[1]), ...how.size]);
    yield { x, ...(part.classes !== null && { labels: [part.classes[i] as number] }) };
    x.dispose();
    await pause();
  }
  if (found > 0 || failure === null) return;
  throw new DataError(`quantizeClassifier: no photograph can be read. The first one: ${failure.message}`, {
    cause: failure,
  });
}

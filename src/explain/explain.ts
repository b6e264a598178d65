import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { classNumbers } from '../classifier/classInfo.js';
import type { ImageClassifier } from '../classifier/imageClassifier.js';
import { type Photo, readPhoto } from '../classifier/photo.js';
import { type Place, placeOfInput, prepare } from '../classifier/prepare.js';
import { probabilities } from '../classifier/probabilities.js';
import { scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { type Heatmap, heatmaps } from './heatmap.js';
import { type ExplainMethod, layerMethods, methods } from './methods.js';
import { networkView } from './networkView.js';
import { drawOverlay, type OverlayOptions } from './overlay.js';
import { targetsOf } from './target.js';

/** Options of `explain`. */
export interface ExplainOptions {
  /** Default 'grad-cam'. */
  method?: ExplainMethod | undefined;
  /** The layer that class activation maps look at. Default: the last one whose maps have more than one pixel. */
  layer?: string | undefined;
  /** The class that is explained: its name, id or number. Default: the likeliest of each photograph. */
  class?: string | number | undefined;
}

/** Why a photograph is, or is not, of a class. */
export interface Explanation {
  /** How it was found out. */
  readonly method: ExplainMethod;
  /** The class that is explained. */
  readonly name: string;
  /** Its number. */
  readonly index: number;
  /** How sure the classifier is of it. */
  readonly confidence: number;
  /** How much each pixel of `view` counts. */
  readonly map: Heatmap;
  /** The part of the photograph that the network sees, at its size: RGB. */
  readonly view: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  /** Where the view lies in the photograph, in pixels of it, upright. */
  readonly place: Place;
  /** The view with the map over it and a legend, as a PNG file. */
  overlay(options?: OverlayOptions): Promise<Uint8Array>;
}

/** Photographs that are explained at once. */
const BATCH = 8;

/**
 * Shows which parts of a photograph speak for a class, by one of ten methods.
 *
 * Throws what reading a photograph throws, and `ArgumentError` for a method, layer or class that isn't there.
 *
 * @example
 * const { name, confidence, overlay } = await explain(classifier, 'photo.jpg', { method: 'grad-cam' });
 * await writeFile('why.png', await overlay());
 */
export function explain(classifier: ImageClassifier, photo: Photo, options?: ExplainOptions): Promise<Explanation>;
export function explain(
  classifier: ImageClassifier,
  photos: readonly Photo[],
  options?: ExplainOptions,
): Promise<Explanation[]>;
export async function explain(
  classifier: ImageClassifier,
  photo: Photo | readonly Photo[],
  options: ExplainOptions = {},
): Promise<Explanation | Explanation[]> {
  checkOptions('explain', options, ['method', 'layer', 'class']);
  const { method = 'grad-cam', layer } = options;
  if (!Object.hasOwn(methods, method)) {
    throw new ArgumentError(`explain: method is '${method}', but must be one of ${Object.keys(methods).join(', ')}.`);
  }
  if (layer !== undefined && !layerMethods.includes(method)) {
    throw new ArgumentError(
      `explain: ${method} looks at the whole network. Leave out layer, or use ${layerMethods.join(', ')}.`,
    );
  }
  if (typeof classifier?.settings !== 'object') {
    throw new ArgumentError('explain: the first argument must be an ImageClassifier.');
  }
  const { settings } = classifier;
  const wanted =
    options.class === undefined
      ? undefined
      : [...classNumbers('explain', 'class', settings.classes, [options.class])][0];
  const photos = Array.isArray(photo) ? (photo as readonly Photo[]) : [photo as Photo];
  const explanations: Explanation[] = [];
  for (let from = 0; from < photos.length; from += BATCH) {
    const inputs: Float32Array[] = [];
    const places: Place[] = [];
    for (const each of photos.slice(from, from + BATCH)) {
      const picture = await readPhoto(each);
      places.push(placeOfInput(picture, settings.preprocessing));
      inputs.push(...(await prepare(picture, settings.preprocessing, [{}])));
    }
    explanations.push(...explained(classifier, inputs, places, method, layer, wanted));
  }
  return Array.isArray(photo) ? explanations : explanations[0];
}

function explained(
  { model, settings }: ImageClassifier,
  inputs: readonly Float32Array[],
  places: readonly Place[],
  method: ExplainMethod,
  layer: string | undefined,
  wanted: number | undefined,
): Explanation[] {
  const { preprocessing, classes, kind, temperature } = settings;
  const [height, width] = preprocessing.size;
  const [first] = inputs;
  return scope(() => {
    const x = Tensor.empty('explain', [inputs.length, first.length / (height * width), height, width]);
    for (const [i, input] of inputs.entries()) x.data.set(input, i * input.length);
    const logits = model.predict(x);
    const targets = targetsOf('explain', logits, wanted);
    const outputs = logits.shape[1];
    const maps = heatmaps(methods[method](model, x, { target: targets, layer }), { height, width });
    return targets.map((index, i) => {
      const row = logits.data.slice(i * outputs, (i + 1) * outputs) as Float32Array;
      const { name } = classes[index];
      const confidence = probabilities(kind, row, temperature)[index];
      const view = networkView(inputs[i], preprocessing);
      const overlay = (options: OverlayOptions = {}): Promise<Uint8Array> =>
        drawOverlay(view, maps[i], { title: `${method}: ${name} ${confidence.toFixed(2)}`, ...options });
      return { method, name, index, confidence, map: maps[i], view, place: places[i], overlay };
    });
  });
}

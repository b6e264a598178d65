import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError, FormatError } from '../../base/errors.js';
import { nearestNames } from '../../base/nearestNames.js';
import { nodeModule } from '../../base/nodeModule.js';
import type { Module } from '../../layers/module.js';
import { buildArchitecture } from '../architectures.js';
import type { ClassInfo } from '../classInfo.js';
import { ImageClassifier } from '../imageClassifier.js';
import { imagenetClasses } from './imagenetClasses.js';
import type { Preset } from './preset.js';
import { tensorflow } from './tensorflow.js';
import { torchvision } from './torchvision.js';

/** Weights that exist in the world, by name: torchvision's, Keras', Caffe's, TensorFlow.js MobileNet's and nsfwjs'. */
export const presets: ReadonlyMap<string, Preset> = new Map(
  [...torchvision, ...tensorflow].map((preset) => [preset.name, preset]),
);

/** The preset of a name. Throws `ArgumentError` with the nearest names. */
export function presetOf(name: string): Preset {
  const found = presets.get(name);
  if (found !== undefined) return found;
  const nearest = nearestNames(name, presets.keys()).slice(0, 3);
  const hint = nearest.length > 0 ? ` Did you mean ${nearest.map((each) => `'${each}'`).join(' or ')}?` : '';
  throw new ArgumentError(`preset: there is no preset '${name}'.${hint} The names are the keys of presets.`);
}

/**
 * A classifier of weights that are published: the preset tells network, preprocessing and classes, `path` is the file (of TensorFlow.js the
 * model.json). Nothing is downloaded.
 *
 * Throws `ArgumentError` for an unknown name, and what reading the file throws.
 *
 * @example
 * const classifier = await loadPreset('torchvision/resnet18', 'resnet18-f37072fd.pth');
 */
export async function loadPreset(name: string, path: string): Promise<ImageClassifier> {
  const { architecture, preprocessing, classes, weights } = presetOf(name);
  const { loadOnnx, loadTfjsModel, loadWeightsInto } = await import('../../node/index.js');
  let model: Module;
  if (architecture !== null) {
    model = await buildArchitecture(architecture);
    const { missing } = await loadWeightsInto(model, path, { strict: false });
    if (missing.length > 0) {
      throw new FormatError(
        `${path}: ${missing.length} weights of ${architecture.name} are missing, the first is ${missing[0]}.`,
      );
    }
  } else if (path.endsWith('.onnx')) model = await loadOnnx(path);
  else model = await loadTfjsModel(path, { logits: true });
  return new ImageClassifier(model.eval(), {
    classes: classes === 'imagenet' ? classesOf() : classes,
    preprocessing,
    info: {
      preset: name,
      ...(weights.url && { source: weights.url }),
      ...(weights.license && { license: weights.license }),
    },
  });
}

/** ImageNet has two classes each of 'crane' and 'maillot': their numbers tell them apart. */
function classesOf(): ClassInfo[] {
  return imagenetClasses.map((name, i) => ({ name, id: `imagenet-${i}` }));
}

/** Where a preset is kept, and who hears of its progress. */
export interface DownloadPresetOptions {
  /** Called with the bytes there are and the bytes there will be (0 while unknown). */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

interface Files {
  stat(path: string): Promise<object>;
}

/** No published file of weights is larger. */
const LARGEST = 2 ** 31;

/**
 * Fetches the file of a preset into a folder and returns its path, for `loadPreset`. What a broken connection leaves is kept, and the next call
 * goes on from there; a file that is there already isn't fetched again. Its SHA-256 is verified.
 *
 * Throws `ArgumentError` for a preset whose file or SHA-256 isn't published, `DataError` when the download fails or the file is another one.
 */
export async function downloadPreset(
  name: string,
  folder: string,
  options: DownloadPresetOptions = {},
): Promise<string> {
  checkOptions('downloadPreset', options, ['onProgress']);
  const { file, url, sha256 } = presetOf(name).weights;
  if (url === undefined || sha256 === undefined) {
    throw new ArgumentError(
      `downloadPreset: for '${name}', no ${url === undefined ? 'address' : 'SHA-256'} is published. Fetch ${url ?? file} by hand and pass its path to loadPreset.`,
    );
  }
  const { download } = await import('../../node/index.js');
  const path = `${folder}/${file}`;
  const there = await nodeModule<Files>('node:fs/promises')
    ?.stat(path)
    .catch(() => undefined);
  if (there === undefined) {
    await download(url, path, { sha256, maximumBytes: LARGEST, onProgress: options.onProgress });
  }
  return path;
}

import { ArgumentError, StridenetError } from '../../base/errors.js';
import { nodeModule } from '../../base/nodeModule.js';
import type { Module } from '../../layers/module.js';
import { withoutInit } from '../../layers/withoutInit.js';
import { createModel, type ModelName, models } from '../../models/index.js';
import { withoutHead } from '../architectures.js';
import { ImageClassifier } from '../imageClassifier.js';
import { type Preprocessing, type PreprocessingOptions, preprocessing } from '../preprocessing.js';
import { TransferModel } from '../transferModel.js';

interface Files {
  stat(path: string): Promise<{ isDirectory(): boolean }>;
}

/** A network without its last layer, and how photographs are prepared for it. */
export interface Backbone {
  readonly model: Module;
  readonly preprocessing: Preprocessing;
}

export interface BackboneOptions {
  /** The name of the architecture, for files that hold weights alone (.pth, .safetensors): 'resnet18'. */
  architecture?: string | undefined;
  /** Default: what the file says, or what is usual for its kind. */
  preprocessing?: PreprocessingOptions | undefined;
}

/** As torchvision's weights want it. */
const TORCHVISION = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
/** As the Keras models of TensorFlow.js want it: x / 127.5 - 1. */
const KERAS = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };
/** The short side of a photograph by the side of its crop: 256 to 224. */
const ROOM = 8 / 7;

/**
 * Loads a backbone: a classifier's file, the `model.json` of a TensorFlow.js layers model (or the folder that it is in), or weights with the
 * name of their architecture.
 *
 * Throws `ArgumentError` when the architecture of weights is not named, and what reading the file throws.
 */
export async function loadBackbone(path: string, options: BackboneOptions = {}): Promise<Backbone> {
  const { loadTfjsLayersModel, readBytes } = await import('../../node/index.js');
  const json = await jsonOf(path);
  if (json !== undefined) {
    const { featureLayerOf } = await import('../../tfjs/importTfjsLayersModel.js');
    const model = await loadTfjsLayersModel(json, { output: featureLayerOf(await readBytes(json)) });
    return { model, preprocessing: preprocessing(options.preprocessing ?? usual(224, KERAS)) };
  }
  if (options.architecture !== undefined) return withWeights(path, options.architecture, options);
  let classifier: ImageClassifier;
  try {
    classifier = await ImageClassifier.load(path);
  } catch (cause) {
    if (!(cause instanceof StridenetError) || !/holds weights/.test(cause.message)) throw cause;
    throw new ArgumentError(
      `trainClassifier: ${path} holds weights, but does not name its network. Pass the option architecture, such as 'resnet18'.`,
      { cause },
    );
  }
  const { model } = classifier;
  return {
    model: model instanceof TransferModel ? model.backbone : withoutHead(model),
    preprocessing:
      options.preprocessing === undefined ? classifier.settings.preprocessing : preprocessing(options.preprocessing),
  };
}

async function withWeights(path: string, name: string, options: BackboneOptions): Promise<Backbone> {
  const { loadWeightsInto } = await import('../../node/index.js');
  const model = withoutInit(() => createModel(name as string));
  await loadWeightsInto(model, path);
  const [, height] = models[name as ModelName].inputShape;
  return {
    model: withoutHead(model),
    preprocessing: preprocessing(options.preprocessing ?? usual(height, TORCHVISION)),
  };
}

function usual(size: number, colors: { mean: number[]; std: number[] }): PreprocessingOptions {
  return { size, shortSide: Math.round(size * ROOM), ...colors };
}

/** The model.json that a path means, if any. */
async function jsonOf(path: string): Promise<string | undefined> {
  if (path.endsWith('.json')) return path;
  const found = await nodeModule<Files>('node:fs/promises')
    ?.stat(path)
    .catch(() => undefined);
  return found?.isDirectory() ? `${path.replace(/[\\/]$/, '')}/model.json` : undefined;
}

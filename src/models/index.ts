import type { Module } from '../layers/module.js';
import { ArgumentError } from '../tensor/errors.js';
import { CifarNet } from './cifarNet.js';
import { CifarResnet, type CifarResnetDepth, type CifarResnetOptions } from './cifarResnet.js';
import { nearestName } from './nearestName.js';
import type { ModelOptions } from './options.js';
import { VggSmall } from './vggSmall.js';

export { CifarNet } from './cifarNet.js';
export { CifarBlock, CifarResnet, type CifarResnetDepth, type CifarResnetOptions, PadShortcut } from './cifarResnet.js';
export type { ModelOptions } from './options.js';
export { VggSmall } from './vggSmall.js';

/** Options of every family; a model refuses none and uses those that it knows. */
export type CreateModelOptions = ModelOptions & CifarResnetOptions;

/** How to make a model, and what it was designed for. */
export interface ModelEntry {
  build(options?: CreateModelOptions): Module;
  /** Channels, height and width of the images that its shape comments and figures are about. */
  readonly inputShape: readonly [number, number, number];
}

const cifar = [3, 32, 32] as const;

function cifarResnet(depth: CifarResnetDepth): ModelEntry {
  return { build: (options) => new CifarResnet(depth, options), inputShape: cifar };
}

const entries = {
  cifar_net: { build: (options) => new CifarNet(options), inputShape: cifar },
  vgg_small: { build: (options) => new VggSmall(options), inputShape: cifar },
  resnet20: cifarResnet(20),
  resnet32: cifarResnet(32),
  resnet44: cifarResnet(44),
  resnet56: cifarResnet(56),
  resnet110: cifarResnet(110),
} satisfies Record<string, ModelEntry>;

export type ModelName = keyof typeof entries;

/** Every model by the name that `createModel` knows it by. */
export const models: Readonly<Record<ModelName, ModelEntry>> = entries;

/** The names that `createModel` knows. */
export function listModels(): ModelName[] {
  return Object.keys(models) as ModelName[];
}

/**
 * Makes a model with fresh weights, drawn from the random stream 'init'.
 *
 * Throws `ArgumentError` for an unknown name, with the nearest known one, and for options out of range.
 *
 * @example
 * createModel('resnet20', { numClasses: 100, shortcut: 'B' }).predict(Tensor.zeros([8, 3, 32, 32])).shape; // [8, 100]
 */
export function createModel(name: ModelName | (string & {}), options: CreateModelOptions = {}): Module {
  if (!Object.hasOwn(models, name)) {
    const nearest = nearestName(name, listModels());
    const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
    throw new ArgumentError(
      `createModel: there is no model '${name}'.${hint} Known models: ${listModels().join(', ')}.`,
    );
  }
  return models[name as ModelName].build(options);
}

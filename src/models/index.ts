import { ArgumentError } from '../base/errors.js';
import { nearestNames } from '../base/nearestNames.js';
import { setArchitecture } from '../layers/architecture.js';
import type { Module } from '../layers/module.js';
import { Airbench, type AirbenchAccuracy } from './airbench.js';
import { type AlexNetOptions, alexnet, alexnet_2012 } from './alexnet.js';
import { type CapsNetOptions, capsnet_mnist } from './capsnet.js';
import { googlenet_cifar } from './cifarGooglenet.js';
import { CifarNet } from './cifarNet.js';
import { CifarResnet, type CifarResnetDepth, type CifarResnetOptions } from './cifarResnet.js';
import { type DenseNetOptions, densenet121, densenet161, densenet169, densenet201 } from './densenet.js';
import { type EfficientNetOptions, efficientnet_b0 } from './efficientnet.js';
import { type GoogLeNetOptions, googlenet } from './googlenet.js';
import { type InceptionV3Options, inception_v3 } from './inceptionV3.js';
import { type MobileNetV1Options, mobilenet_v1 } from './mobilenetV1.js';
import { type MobileNetV2Options, mobilenet_v2, mobilenet_v2_cifar } from './mobilenetV2.js';
import { type MobileNetV3Options, mobilenet_v3_large, mobilenet_v3_small } from './mobilenetV3.js';
import type { ModelOptions } from './options.js';
import {
  resnet18,
  resnet18_cifar,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50_32x4d,
  wide_resnet50_2,
} from './resnet.js';
import { type SqueezeNetOptions, squeezenet_cifar, squeezenet1_0, squeezenet1_1 } from './squeezenet.js';
import * as vgg from './vgg.js';
import { VggSmall } from './vggSmall.js';
import { type WideResNetOptions, wrn_16_4, wrn_28_10 } from './wideResnet.js';

export { Airbench, type AirbenchAccuracy, AirbenchBlock } from './airbench.js';
export * from './alexnet.js';
export { BasicConv2d } from './basicConv2d.js';
export * from './capsnet.js';
export * from './cifarGooglenet.js';
export { CifarNet } from './cifarNet.js';
export { CifarBlock, CifarResnet, type CifarResnetDepth, type CifarResnetOptions, PadShortcut } from './cifarResnet.js';
export * from './densenet.js';
export * from './efficientnet.js';
export * from './googlenet.js';
export { Inception } from './inception.js';
export * from './inceptionBlocks.js';
export * from './inceptionV3.js';
export * from './mobilenetV1.js';
export * from './mobilenetV2.js';
export * from './mobilenetV3.js';
export type { ModelOptions } from './options.js';
export * from './resnet.js';
export * from './squeezenet.js';
export * from './transfer.js';
export * from './vgg.js';
export { VggSmall } from './vggSmall.js';
export * from './wideResnet.js';

/** Options of every family; a model knows some of them and refuses the others. */
export type CreateModelOptions = AlexNetOptions &
  CapsNetOptions &
  CifarResnetOptions &
  DenseNetOptions &
  EfficientNetOptions &
  GoogLeNetOptions &
  InceptionV3Options &
  MobileNetV1Options &
  MobileNetV2Options &
  MobileNetV3Options &
  SqueezeNetOptions &
  vgg.VggOptions &
  WideResNetOptions;

/** How to make a model, and what it was designed for. */
export interface ModelEntry {
  /** Makes the model with fresh weights. */
  build(options?: CreateModelOptions): Module;
  /** Channels, height and width of the images that its shape comments and figures are about. */
  readonly inputShape: readonly [number, number, number];
}

const cifar = [3, 32, 32] as const;
const imagenet = [3, 224, 224] as const;

function cifarResnet(depth: CifarResnetDepth) {
  return { build: (options?: CifarResnetOptions) => new CifarResnet(depth, options), inputShape: cifar };
}

function airbench(accuracy: AirbenchAccuracy) {
  return { build: (options?: ModelOptions) => new Airbench(accuracy, options), inputShape: cifar };
}

const entries = {
  cifar_net: { build: (options?: ModelOptions) => new CifarNet(options), inputShape: cifar },
  vgg_small: { build: (options?: ModelOptions) => new VggSmall(options), inputShape: cifar },
  resnet8: cifarResnet(8),
  resnet20: cifarResnet(20),
  resnet32: cifarResnet(32),
  resnet44: cifarResnet(44),
  resnet56: cifarResnet(56),
  resnet110: cifarResnet(110),
  airbench91: airbench(91),
  airbench93: airbench(93),
  airbench94: airbench(94),
  resnet18: { build: resnet18, inputShape: imagenet },
  resnet34: { build: resnet34, inputShape: imagenet },
  resnet50: { build: resnet50, inputShape: imagenet },
  resnet101: { build: resnet101, inputShape: imagenet },
  resnet152: { build: resnet152, inputShape: imagenet },
  resnext50_32x4d: { build: resnext50_32x4d, inputShape: imagenet },
  wide_resnet50_2: { build: wide_resnet50_2, inputShape: imagenet },
  resnet18_cifar: { build: resnet18_cifar, inputShape: cifar },
  wrn_16_4: { build: wrn_16_4, inputShape: cifar },
  wrn_28_10: { build: wrn_28_10, inputShape: cifar },
  mobilenet_v1: { build: mobilenet_v1, inputShape: imagenet },
  mobilenet_v2: { build: mobilenet_v2, inputShape: imagenet },
  mobilenet_v2_cifar: { build: mobilenet_v2_cifar, inputShape: cifar },
  mobilenet_v3_large: { build: mobilenet_v3_large, inputShape: imagenet },
  mobilenet_v3_small: { build: mobilenet_v3_small, inputShape: imagenet },
  efficientnet_b0: { build: efficientnet_b0, inputShape: imagenet },
  alexnet: { build: alexnet, inputShape: imagenet },
  alexnet_2012: { build: alexnet_2012, inputShape: [3, 227, 227] },
  vgg11: { build: vgg.vgg11, inputShape: imagenet },
  vgg11_bn: { build: vgg.vgg11_bn, inputShape: imagenet },
  vgg13: { build: vgg.vgg13, inputShape: imagenet },
  vgg13_bn: { build: vgg.vgg13_bn, inputShape: imagenet },
  vgg16: { build: vgg.vgg16, inputShape: imagenet },
  vgg16_bn: { build: vgg.vgg16_bn, inputShape: imagenet },
  vgg19: { build: vgg.vgg19, inputShape: imagenet },
  vgg19_bn: { build: vgg.vgg19_bn, inputShape: imagenet },
  vgg11_cifar: { build: vgg.vgg11_cifar, inputShape: cifar },
  vgg13_cifar: { build: vgg.vgg13_cifar, inputShape: cifar },
  vgg16_cifar: { build: vgg.vgg16_cifar, inputShape: cifar },
  vgg19_cifar: { build: vgg.vgg19_cifar, inputShape: cifar },
  googlenet: { build: googlenet, inputShape: imagenet },
  googlenet_cifar: { build: googlenet_cifar, inputShape: cifar },
  inception_v3: { build: inception_v3, inputShape: [3, 299, 299] },
  squeezenet1_0: { build: squeezenet1_0, inputShape: imagenet },
  squeezenet1_1: { build: squeezenet1_1, inputShape: imagenet },
  squeezenet_cifar: { build: squeezenet_cifar, inputShape: cifar },
  densenet121: { build: densenet121, inputShape: imagenet },
  densenet161: { build: densenet161, inputShape: imagenet },
  densenet169: { build: densenet169, inputShape: imagenet },
  densenet201: { build: densenet201, inputShape: imagenet },
  capsnet_mnist: { build: capsnet_mnist, inputShape: [1, 28, 28] },
} satisfies Record<string, ModelEntry>;

/** The names that `createModel` knows. */
export type ModelName = keyof typeof entries;

/** The options of one model: `OptionsOf<'resnet20'>` has a `shortcut`, `OptionsOf<'resnet18'>` has not. */
export type OptionsOf<N extends ModelName> = NonNullable<Parameters<(typeof entries)[N]['build']>[0]>;

/** The class of one model: `ModelOf<'googlenet'>` is `GoogLeNet`. */
export type ModelOf<N extends ModelName> = ReturnType<(typeof entries)[N]['build']>;

/** Every model by the name that `createModel` knows it by. */
export const models: Readonly<Record<ModelName, ModelEntry>> = entries;

/** The names that `createModel` knows. */
export function listModels(): ModelName[] {
  return Object.keys(models) as ModelName[];
}

/**
 * Makes a model with fresh weights, drawn from the random stream 'init'.
 *
 * Throws `ArgumentError` for an unknown name, with the nearest known ones; for an option that this model does not have, with those that it
 * has; and for options out of range.
 *
 * @example
 * createModel('resnet20', { numClasses: 100, shortcut: 'B' }).predict(Tensor.zeros([8, 3, 32, 32])).shape; // [8, 100]
 */
export function createModel<N extends ModelName>(name: N, options?: OptionsOf<N>): ModelOf<N>;
/** The same for a name that is known only when the program runs. */
export function createModel<S extends string>(name: string extends S ? S : never, options?: CreateModelOptions): Module;
export function createModel(name: string, options: CreateModelOptions = {}): Module {
  if (!Object.hasOwn(models, name)) {
    const nearest = nearestNames(name, listModels()).map((known) => `'${known}'`);
    const hint = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(' or ')}?`;
    throw new ArgumentError(
      `createModel: there is no model '${name}'.${hint} Known models: ${listModels().join(', ')}.`,
    );
  }
  if (typeof options !== 'object' || options === null) {
    throw new ArgumentError(
      `createModel: the options are ${options}, but must be an object, as in { numClasses: 10 }.`,
    );
  }
  return setArchitecture(models[name as ModelName].build(options), { name, options: { ...options } });
}

import { type CreateModelOptions, createModel, type ModelName } from '../src/models/index.js';

const common = ['numClasses', 'inChannels', 'widthMultiplier'];

/** The options that each family has besides the common ones: the first line that fits. */
const families: [family: RegExp, own: string[]][] = [
  [/^(resnet8|resnet20|resnet32|resnet44|resnet56|resnet110)$/, ['shortcut', 'stochasticDepth']],
  [/^(vgg\d|alexnet|mobilenet|densenet|squeezenet|wrn_)/, ['dropout']],
  [/^efficientnet/, ['dropout', 'stochasticDepth']],
  [/^googlenet$/, ['auxHeads', 'fiveByFive', 'dropout', 'auxDropout', 'transformInput']],
  [/^googlenet_cifar$/, ['fiveByFive', 'dropout']],
  [/^inception_v3$/, ['auxHeads', 'dropout', 'transformInput']],
  [/^capsnet/, ['imageSize', 'routings']],
  [/^(cifar_net|vgg_small|airbench\d+|resnet\d+|resnet18_cifar|resnext50_32x4d|wide_resnet50_2)$/, []],
];

/** The options that a model of the zoo has, in the order of its message. */
export function optionsOf(name: string): string[] {
  const own = families.find(([family]) => family.test(name))?.[1];
  if (own === undefined) throw new Error(`testing/modelOptions.ts has no line for ${name}.`);
  return [...common, ...own];
}

/** `createModel` with those of `options` that the model has. */
export function createModelWith(name: ModelName, options: CreateModelOptions): ReturnType<typeof createModel> {
  const known = optionsOf(name);
  return createModel(name, Object.fromEntries(Object.entries(options).filter(([key]) => known.includes(key))));
}

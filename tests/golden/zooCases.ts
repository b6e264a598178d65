import type { Module } from '../../src/layers/module.js';
import type { CapsNet } from '../../src/models/capsnet.js';
import type { GoogLeNet } from '../../src/models/googlenet.js';
import { InceptionAux } from '../../src/models/inceptionV3.js';
import { type CreateModelOptions, createModel } from '../../src/models/index.js';
import { concat } from '../../src/tensor/ops/shape/concat.js';
import { flatten } from '../../src/tensor/ops/shape/flatten.js';
import { slice } from '../../src/tensor/ops/shape/slice.js';
import type { Tensor } from '../../src/tensor/tensor.js';

/** What a line of zoo.json is about, where it is not `createModel(name, { numClasses: 10 })` and its logits. */
interface ZooCase {
  options?: CreateModelOptions;
  make?: () => Module;
  outputs?: (model: Module, x: Tensor) => Tensor;
}

/** An eighth as wide: the whole has 130 million weights. */
const narrow: ZooCase = { options: { widthMultiplier: 1 / 8 } };

const cases: Record<string, ZooCase> = {
  ...Object.fromEntries([11, 13, 16, 19].flatMap((d) => [`vgg${d}`, `vgg${d}_bn`].map((name) => [name, narrow]))),
  alexnet_2012: { options: { widthMultiplier: 1 / 4 } },
  googlenet_heads: {
    make: () => createModel('googlenet', { numClasses: 10, auxHeads: true, fiveByFive: true, transformInput: true }),
    outputs: (model, x) => {
      const { logits, aux1, aux2 } = (model as GoogLeNet).forwardWithAux(x);
      return concat([logits, aux1, aux2], 1);
    },
  },
  inception_aux: { make: () => new InceptionAux(3, (width) => width, 10) },
  capsnet_mnist: {
    options: { inChannels: 3, imageSize: 25 },
    outputs: (model, x) => {
      const net = model as CapsNet;
      const v = net.capsules(x);
      return concat([net.forward(x), slice(flatten(net.reconstruct(v, [3, 4])), 1, 0, 40)], 1);
    },
  },
};

/** The model that a line of zoo.json is about, and how to get the numbers there. */
export function zooCase(name: string): { make: () => Module; outputs: (model: Module, x: Tensor) => Tensor } {
  const { options, make = () => createModel(name, { numClasses: 10, ...options }), outputs } = cases[name] ?? {};
  return { make, outputs: outputs ?? ((model, x) => model.forward(x)) };
}

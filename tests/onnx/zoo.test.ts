import { afterEach, describe, expect, test } from 'vitest';
import type { Module } from '../../src/layers/module.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { type CreateModelOptions, createModel, listModels, type ModelName } from '../../src/models/index.js';
import { decodeModel } from '../../src/onnx/decode.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { fill } from '../golden/fill.js';
import { expectClose, images, runOnnx } from './support.js';

/** All of these models together are larger than the heap. */
const made: Module[] = [];
afterEach(() => {
  for (const model of made.splice(0)) for (const [, t] of model.namedTensors()) t.dispose();
});

/** How wide and large each family is here, so that all of them take seconds: the first line that fits. */
const sizes: [family: RegExp, widthMultiplier: number, size: number][] = [
  [/^capsnet/, 1 / 8, 28],
  [/^(cifar_net|vgg_small|resnet20|airbench91)$/, 1, 32],
  [/^(resnet(32|44|56|110)|airbench)/, 1 / 2, 32],
  [/_cifar$|^wrn/, 1 / 4, 32],
  [/^inception/, 1 / 4, 80],
  [/^alexnet/, 1 / 8, 70],
  [/^vgg/, 1 / 8, 48],
  [/^(mobilenet_v1|mobilenet_v3_small|squeezenet)/, 1, 64],
  [/./, 1 / 4, 48],
];

describe('models of the zoo', () => {
  test.each(listModels())(
    '%s gives the same logits in onnxruntime and when read again, for another batch too',
    async (name: ModelName) => {
      const [, widthMultiplier, size] = sizes.find(([family]) => family.test(name)) as (typeof sizes)[number];
      const channels = name === 'capsnet_mnist' ? 1 : 3;
      const options: CreateModelOptions = { numClasses: 10, widthMultiplier };
      const model = withoutInit(() => createModel(name, options));
      made.push(model);
      fill(model);
      const bytes = exportOnnx(model, [1, channels, size, size]);
      const x = images([3, channels, size, size]);
      const logits = model.predict(x);
      expectClose(await runOnnx(bytes, x), logits);
      const again = importOnnx(bytes);
      made.push(again);
      expectClose(again.predict(x), logits);
      // What only training runs is not in the file; nor what shifts only, which batch norm without scale is written with.
      const kept = [...model.stateDict().keys()].filter((key) => !/^(aux|AuxLogits|decoder)/.test(key));
      const read = [...again.stateDict().keys()];
      expect(kept.filter((key) => !read.includes(key))).toEqual([]);
      if (!name.startsWith('airbench')) expect(read.length).toBe(kept.length);
    },
  );

  test('batch normalization is a node of its own, one for each layer', () => {
    const model = withoutInit(() => createModel('resnet18', { widthMultiplier: 1 / 8 }));
    made.push(model);
    const { graph } = decodeModel(exportOnnx(model, [1, 3, 32, 32]));
    expect(graph.nodes.filter(({ opType }) => opType === 'BatchNormalization').length).toBe(20);
    expect(graph.nodes.filter(({ opType }) => opType === 'Conv').length).toBe(20);
    expect(graph.inputs[0].shape).toEqual([expect.any(String), 3, 32, 32]);
  });
});

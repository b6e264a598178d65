import { describe, expect, test } from 'vitest';
import { type CreateModelOptions, createModel } from '../../src/models/index.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { fill } from '../golden/fill.js';
import { expectClose, images, runOnnx } from './support.js';

const small: CreateModelOptions = { numClasses: 10 };
const cases: [name: string, shape: number[], options?: CreateModelOptions][] = [
  ['resnet20', [1, 3, 32, 32]],
  ['wrn_16_4', [1, 3, 32, 32]],
  ['cifar_net', [1, 3, 32, 32]],
  ['capsnet_mnist', [1, 1, 28, 28]],
  ['resnet18', [1, 3, 64, 64]],
  ['mobilenet_v1', [1, 3, 64, 64]],
  ['mobilenet_v2', [1, 3, 64, 64]],
  ['mobilenet_v3_small', [1, 3, 64, 64]],
  ['efficientnet_b0', [1, 3, 64, 64]],
  ['squeezenet1_1', [1, 3, 64, 64]],
  ['googlenet', [1, 3, 64, 64]],
  ['densenet121', [1, 3, 64, 64]],
  ['inception_v3', [1, 3, 80, 80]],
  ['alexnet', [1, 3, 64, 64], { widthMultiplier: 0.25 }],
  ['vgg11_bn', [1, 3, 64, 64], { widthMultiplier: 0.25 }],
  ['alexnet_2012', [1, 3, 227, 227], { widthMultiplier: 0.25 }],
];

describe('models of the zoo', () => {
  test.each(cases)(
    '%s gives the same logits in onnxruntime and when read again, for another batch too',
    async (name, shape, options) => {
      const model = createModel(name, { ...small, ...options });
      fill(model);
      const bytes = exportOnnx(model, shape);
      const x = images([3, ...shape.slice(1)]);
      const logits = model.predict(x);
      expectClose(await runOnnx(bytes, x), logits);
      const again = importOnnx(bytes);
      expectClose(again.predict(x), logits);
      expect(new Set(again.stateDict().keys())).toEqual(
        new Set([...model.stateDict().keys()].filter((k) => !/^(aux|AuxLogits|decoder)/.test(k))),
      );
    },
  );
});

import { beforeEach, describe, expect, it } from 'vitest';
import { applyPlan, prune } from '../../../src/edge/index.js';
import {
  Conv2d,
  concat,
  createModel,
  globalAvgPool2d,
  Linear,
  Module,
  manualSeed,
  permute,
  reshape,
  slice,
  Tensor,
} from '../../../src/index.js';
import { exportOnnx, importOnnx } from '../../../src/onnx/index.js';
import { normals } from '../../../testing/arbitraries.js';
import { expectRelative } from '../../../testing/tolerance.js';

beforeEach(() => manualSeed(1));

const shape = [1, 3, 32, 32];
const images = (): Tensor => Tensor.from(normals([2, 3, 32, 32], 'images'), [2, 3, 32, 32]);

describe('a model that was read from an ONNX file', () => {
  it.each([
    ['resnet8', { shortcut: 'A' }],
    ['mobilenet_v3_small', { widthMultiplier: 0.25 }],
    ['googlenet_cifar', { widthMultiplier: 0.25 }],
    ['cifar_net', {}],
  ])('%s loses the same channels as the model it was written from, and answers alike', (name, options) => {
    const model = createModel(name, options as never).eval();
    const read = importOnnx(exportOnnx(model, shape));
    const [a, b] = [model, read].map((each) => prune<Module>(each, { inputShape: shape, speedup: 2 }));
    expect(b.plan[0].channels).toEqual(a.plan[0].channels);
    expect(b.macs).toEqual(a.macs);
    expectRelative(b.model.predict(images()).data, a.model.predict(images()).data, 1e-4);
    const shapes = ({ model: each }: { model: Module }): Map<string, number[]> =>
      new Map([...each.stateDict()].map(([key, entry]) => [key, entry.shape]));
    for (const [key, own] of shapes(a)) expect(shapes(b).get(key), key).toEqual(own);
    const again = applyPlan<Module>(read, b.plan);
    expect([...again.predict(images()).data]).toEqual([...b.model.predict(images()).data]);
  });

  it('numbers of channels in its code change too: a split, a shuffle and a reshape with fixed sizes', () => {
    class Fixed extends Module {
      readonly a = new Conv2d(3, 8, 1);
      readonly b = new Conv2d(4, 4, 1);
      readonly head = new Linear(8, 2);
      forward(x: Tensor): Tensor {
        const y = this.a.forward(x);
        const left = this.b.forward(slice(y, 1, 0, 4));
        const all = concat([left, slice(y, 1, 4, 8)], 1);
        const shuffled = reshape(permute(reshape(all, [x.shape[0], 2, 4, 32, 32]), [0, 2, 1, 3, 4]), [
          x.shape[0],
          8,
          32,
          32,
        ]);
        return this.head.forward(globalAvgPool2d(shuffled));
      }
    }
    const model = new Fixed();
    expect(() => prune(model, { inputShape: shape, keep: 0.5 })).toThrow(
      /the layers of this Fixed can be cut, but its forward doesn't run with fewer channels/,
    );
    const { model: small, speedup } = prune(importOnnx(exportOnnx(model, shape)), { inputShape: shape, keep: 0.5 });
    expect(speedup).toBeGreaterThan(1.9);
    expect(small.predict(images()).shape).toEqual([2, 2]);
  });
});

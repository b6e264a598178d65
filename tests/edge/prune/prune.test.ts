import { beforeEach, describe, expect, it } from 'vitest';
import { prune } from '../../../src/edge/index.js';
import { capture } from '../../../src/graph/index.js';
import {
  BatchNorm2d,
  Conv2d,
  concat,
  createModel,
  crossEntropy,
  globalAvgPool2d,
  Linear,
  Module,
  manualSeed,
  mul,
  permute,
  relu,
  reshape,
  Sequential,
  summary,
  Tensor,
  withTape,
} from '../../../src/index.js';
import { exportOnnx, importOnnx } from '../../../src/onnx/index.js';
import { normals } from '../../../testing/arbitraries.js';
import { expectRelative } from '../../../testing/tolerance.js';

beforeEach(() => manualSeed(1));

const shape = [1, 3, 32, 32];
const images = (): Tensor => Tensor.from(normals([2, 3, 32, 32], 'images'), [2, 3, 32, 32]);

/** conv (3 -> 4) whose filters have the norms 1, 2, 3, 4, and a linear layer. */
class Tiny extends Module {
  readonly conv = new Conv2d(1, 4, 1, { bias: false });
  readonly fc = new Linear(4, 2);

  constructor() {
    super();
    this.conv.weight.data.set([1, -2, 3, 4]);
    this.fc.weight.data.set([1, 10, 100, 1000, 2, 20, 200, 2000]);
    this.fc.bias?.data.set([0.5, 0.25]);
  }

  forward(x: Tensor): Tensor {
    return this.fc.forward(globalAvgPool2d(relu(this.conv.forward(x))));
  }
}

describe('prune', () => {
  it('removes the filters of the least norm, with the columns that read them', () => {
    const { model } = prune(new Tiny(), { inputShape: [1, 1, 1, 1], keep: 0.5 });
    expect([...model.conv.weight.data]).toEqual([3, 4]);
    expect([...model.fc.weight.data]).toEqual([100, 1000, 200, 2000]);
    expect([model.conv.outChannels, model.fc.inFeatures]).toEqual([2, 2]);
    expect([...model.predict(Tensor.ones([1, 1, 1, 1])).data]).toEqual([300 + 4000 + 0.5, 600 + 8000 + 0.25]);
  });

  it('leaves an ordinary model: it trains, is written as ONNX, and has a summary of its own', () => {
    const { model, macs, parameters } = prune(createModel('resnet20'), { inputShape: shape, speedup: 2 });
    const labels = Int32Array.of(3, 7);
    withTape((tape) => tape.backward(crossEntropy(model.train().forward(images()), labels)));
    for (const [name, p] of model.namedParameters())
      expect(
        p.grad?.data.some((v) => v !== 0),
        name,
      ).toBe(true);
    expect(summary(model, shape).macs).toBe(macs[1]);
    expect(summary(model, shape).params).toBe(parameters[1]);
    const read = importOnnx(exportOnnx(model.eval(), shape));
    expectRelative(read.predict(images()).data, model.predict(images()).data, 1e-5);
  });

  it.each(['global', 'layer'] as const)('meets a speedup closely in the scope %s', (scope) => {
    for (const target of [1.3, 3]) {
      const { speedup } = prune(createModel('resnet20'), { inputShape: shape, speedup: target, scope });
      expect(speedup).toBeGreaterThanOrEqual(target);
      expect(speedup).toBeLessThan(1.03 * target);
    }
  });

  it('takes the same share of each layer in the scope layer, or that of the layers named', () => {
    const model = createModel('resnet20');
    const { layers } = prune(model, { inputShape: shape, keep: 0.5, scope: 'layer' });
    for (const { before, after } of layers) expect(after).toBe(before / 2);
    const one = prune(model, { inputShape: shape, keep: { 'layer2.1.conv1': 0.25 } });
    expect(one.layers.filter(({ before, after }) => before !== after)).toEqual([
      { layers: ['layer2.1.conv1'], before: 32, after: 8 },
    ]);
    expect(String(one)).toContain('layer2.1.conv1');
  });

  it('keeps multiples, layers that are skipped, and a least share of each layer', () => {
    const model = createModel('vgg_small');
    const { layers } = prune(model, { inputShape: shape, speedup: 3, multiple: 8, minKept: 0.25, skip: [/conv1$/] });
    for (const { layers: names, before, after } of layers) {
      expect(after % 8, names.join()).toBe(0);
      expect(after).toBeGreaterThanOrEqual(before / 4);
      if (names[0].endsWith('conv1')) expect(after).toBe(before);
    }
  });

  it('never takes the last channel of a layer', () => {
    const { layers } = prune(createModel('resnet8'), { inputShape: shape, keep: 0, minKept: 0 });
    for (const { after } of layers) expect(after).toBeGreaterThanOrEqual(0);
    const model = new Sequential(new Conv2d(3, 4, 1), new Conv2d(4, 2, 1));
    expect(prune(model, { inputShape: shape, keep: 0, minKept: 0 }).layers).toEqual([
      { layers: ['0'], before: 4, after: 1 },
    ]);
  });

  it('prunes by the scale of batch norms', () => {
    const model = new Sequential(new Conv2d(3, 3, 1), new BatchNorm2d(3), new Conv2d(3, 2, 1));
    (model.at(1) as BatchNorm2d).weight?.data.set([0.5, -0.01, 2]);
    const filters = (model.at(0) as Conv2d).weight.data.slice();
    const { model: small } = prune(model, { inputShape: shape, keep: 0.67, criterion: 'batchNorm' });
    expect([...(small.at(1) as BatchNorm2d).weight!.data]).toEqual([0.5, 2]);
    expect([...(small.at(0) as Conv2d).weight.data]).toEqual([...filters.slice(0, 3), ...filters.slice(6)]);
    expect(() => prune(new Tiny(), { inputShape: [1, 1, 1, 1], keep: 0.5, criterion: 'batchNorm' })).toThrow(
      "the criterion is 'batchNorm', but no channel of this model has a batch norm with a scale",
    );
  });

  it('prunes by what the loss says of a channel, whatever its norm', () => {
    const model = new Tiny();
    model.conv.weight.data.set([1, 2, 3, 4]);
    // Channel 3 has the largest filter, but nothing reads it.
    model.fc.weight.data.set([0.1, 0.2, -0.3, 0, -0.1, -0.2, 0.3, 0]);
    const data = [{ x: Tensor.ones([2, 1, 1, 1]), labels: Int32Array.of(0, 0) }];
    const { model: small } = prune(model, { inputShape: [1, 1, 1, 1], keep: 0.75, criterion: 'taylor', data });
    expect([...small.conv.weight.data].includes(4)).toBe(false);
    expect([...model.parameters()].every((p) => p.grad === null || !p.hasFreshGrad)).toBe(true);
  });

  it('follows a channel shuffle, a concatenation and a gate', () => {
    class Shuffle extends Module {
      readonly a = new Conv2d(3, 8, 1);
      readonly grouped = new Conv2d(8, 8, 3, { groups: 2, padding: 1 });
      readonly gate = new Conv2d(8, 8, 1);
      readonly head = new Linear(11, 2);
      forward(x: Tensor): Tensor {
        const y = this.grouped.forward(this.a.forward(x));
        const [n, c, h, w] = y.shape;
        const shuffled = reshape(permute(reshape(y, [n, 2, c / 2, h, w]), [0, 2, 1, 3, 4]), [n, c, h, w]);
        const gated = mul(shuffled, this.gate.forward(shuffled));
        return this.head.forward(globalAvgPool2d(concat([gated, x], 1)));
      }
    }
    const model = new Shuffle();
    const { model: small, speedup } = prune(model, { inputShape: shape, keep: 0.5 });
    expect(speedup).toBeGreaterThan(2);
    expect(small.grouped.options.groups).toBe(2);
    expect(small.grouped.outChannels).toBe(4);
    expect(capture(small, shape).shapeOf(capture(small, shape).outputs[0])).toEqual([1, 2]);
  });

  it('says what is wrong, and what can be had', () => {
    const model = createModel('resnet8');
    expect(() => prune(model, { inputShape: shape, speedup: 500 })).toThrow(
      /a speedup of 500 can't be reached\. This CifarResnet gets to \d+\.\d\d when every layer keeps at least 10 %/,
    );
    expect(() => prune(model, { inputShape: shape })).toThrow('neither speedup nor keep is given');
    expect(() => prune(model, { inputShape: shape, speedup: 2, keep: 0.5 })).toThrow('both speedup and keep are given');
    expect(() => prune(model, { inputShape: shape, speedup: 0.5 })).toThrow(
      'speedup is 0.5, but must be a number >= 1.',
    );
    expect(() => prune(model, { inputShape: shape, keep: { conv9: 0.5 } })).toThrow("there is no layer 'conv9'");
    expect(() => prune(model, { inputShape: shape, speedup: 2, criterion: 'taylor' })).toThrow('needs data');
    expect(() => prune(new Linear(2, 2), { inputShape: [1, 2], speedup: 2 })).toThrow(
      'no channel of this Linear can be removed.',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { randomState } from '../../src/base/random.js';
import { graph } from '../../src/debug/graph.js';
import { summary } from '../../src/debug/summary.js';
import { BatchNorm2d } from '../../src/layers/batchNorm2d.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import { ConvTranspose2d } from '../../src/layers/convTranspose2d.js';
import { Dropout } from '../../src/layers/dropout.js';
import { Flatten } from '../../src/layers/flatten.js';
import { Linear } from '../../src/layers/linear.js';
import { Module } from '../../src/layers/module.js';
import { Sequential } from '../../src/layers/sequential.js';
import { createModel } from '../../src/models/index.js';
import { conv2d } from '../../src/tensor/ops/nn/conv2d.js';
import { relu } from '../../src/tensor/ops/nn/relu.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { Tensor } from '../../src/tensor/tensor.js';

class Block extends Module {
  readonly conv = new Conv2d(2, 3, 3, { padding: 1 });
  readonly unused = new Linear(5, 7);
  readonly own = new Parameter(new Float32Array(12), [2, 6, 1, 1]);
  forward(x: Tensor): Tensor {
    return relu(this.conv.forward(relu(x)));
  }
}

const net = (): Sequential => new Sequential({ block: new Block(), flat: new Flatten(), fc: new Linear(48, 10) });

describe('summary', () => {
  it('gives each module its own parameters, multiply-adds and bytes, by hand', () => {
    const { rows, params, macs, activationBytes } = summary(net(), [2, 2, 4, 4]);
    expect(rows).toEqual([
      { name: '', type: 'Sequential', depth: 0, outputShape: [2, 10], params: 0, macs: 0, activationBytes: 0 },
      // relu of [2, 2, 4, 4] and of [2, 3, 4, 4], 4 bytes a number.
      { name: 'block', type: 'Block', depth: 1, outputShape: [2, 3, 4, 4], params: 12, macs: 0, activationBytes: 640 },
      // 3 filters of 2 x 3 x 3 and 3 biases; 96 outputs of 18 products each.
      {
        name: 'block.conv',
        type: 'Conv2d',
        depth: 2,
        outputShape: [2, 3, 4, 4],
        params: 57,
        macs: 1728,
        activationBytes: 384,
      },
      // A view costs nothing.
      { name: 'flat', type: 'Flatten', depth: 1, outputShape: [2, 48], params: 0, macs: 0, activationBytes: 0 },
      { name: 'fc', type: 'Linear', depth: 1, outputShape: [2, 10], params: 490, macs: 960, activationBytes: 80 },
      { name: 'block.unused', type: 'Linear', depth: 2, outputShape: null, params: 42, macs: 0, activationBytes: 0 },
    ]);
    expect([params, macs, activationBytes]).toEqual([601, 2688, 1104]);
  });

  it('counts a parameter that two modules share once, and a module that runs twice for each run', () => {
    const shared = new Linear(4, 4);
    const twice = summary(new Sequential(shared, shared), [1, 4]);
    expect([twice.params, twice.macs, twice.rows.length]).toEqual([20, 32, 2]);
  });

  it('counts convolutions wherever they are called, groups and transposed ones too', () => {
    class Own extends Module {
      readonly kernel = new Parameter(new Float32Array(4), [4, 1, 1, 1]);
      forward(x: Tensor): Tensor {
        return conv2d(x, this.kernel, null, { groups: 4 });
      }
    }
    expect(summary(new Own(), [1, 4, 3, 3]).macs).toBe(36);
    // Each of 9 pixels of 4 channels is spread over 2 channels of 2 x 2.
    expect(summary(new ConvTranspose2d(4, 2, 2, { stride: 2 }), [1, 4, 3, 3]).macs).toBe(9 * 4 * 8);
  });

  it('tells frozen parameters from others', () => {
    const model = net();
    (model.at(2) as Linear).requiresGrad(false);
    const found = summary(model, [1, 2, 4, 4]);
    expect([found.params, found.trainableParams]).toEqual([601, 111]);
    expect(String(found)).toMatch(/params {7}601 \(2\.3 KiB\), 490 of them frozen/);
  });

  it('leaves weights, statistics, modes and random streams alone', () => {
    const model = new Sequential(new Conv2d(1, 2, 1), new BatchNorm2d(2), new Dropout());
    model.at(1).eval();
    const before = [model.stateDict(), randomState()];
    summary(model, [4, 1, 3, 3], { training: true });
    expect([model.stateDict(), randomState()]).toEqual(before);
    expect([...model].map(({ training }) => training)).toEqual([true, false, true]);
    const x = Tensor.ones([1, 1, 3, 3]);
    expect(model.predict(x).data.every(Number.isFinite)).toBe(true);
  });

  it('shows auxiliary heads in training, and only there', () => {
    const model = createModel('googlenet', { widthMultiplier: 0.125, numClasses: 10, auxHeads: true });
    const plain = summary(model, [2, 3, 64, 64]);
    const training = summary(model, [2, 3, 64, 64], { training: true });
    const heads = ({ rows }: typeof plain): unknown =>
      rows.filter(({ name }) => /^aux\d$/.test(name)).map(({ name, outputShape }) => [name, outputShape]);
    expect(heads(plain)).toEqual([
      ['aux1', null],
      ['aux2', null],
    ]);
    expect(heads(training)).toEqual([
      ['aux1', [2, 10]],
      ['aux2', [2, 10]],
    ]);
    expect(training.rows[0]).toMatchObject({ name: '', outputShape: [2, 10], depth: 0 });
    expect(training.macs).toBeGreaterThan(plain.macs);
    expect(training.params).toBe(plain.params);
    const without = createModel('googlenet', { widthMultiplier: 0.125, numClasses: 10 });
    expect(summary(without, [2, 3, 64, 64], { training: true }).rows[0].outputShape).toEqual([2, 10]);
    expect(graph(model, [2, 3, 64, 64], { training: true, depth: 1 })).toContain('aux2');
    expect(graph(model, [2, 3, 64, 64], { depth: 1 })).not.toContain('aux');
  });

  it('puts all back when the shape does not fit', () => {
    const model = net();
    expect(() => summary(model, [1, 3, 4, 4])).toThrow('has 3 channels');
    expect(model.predict(Tensor.ones([1, 2, 4, 4])).shape).toEqual([1, 10]);
  });

  it('is a table, and numbers as JSON', () => {
    const found = summary(createModel('cifar_net'), [1, 3, 32, 32]);
    const lines = String(found).split('\n');
    expect(lines[0]).toMatch(/^layer +output shape +params +MACs +activations$/);
    expect(lines[3]).toMatch(/^ {2}conv1 Conv2d +\[1, 12, 32, 32\] +324 +331,776 +48\.0 KiB$/);
    expect(lines.at(-2)).toBe('MACs         1,666,560');
    expect(JSON.parse(JSON.stringify(found))).toMatchObject({ model: 'CifarNet', params: 21_142, macs: 1_666_560 });
  });
});

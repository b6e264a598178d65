import { beforeEach, describe, expect, it } from 'vitest';
import {
  applyPlan,
  batchNormSparsity,
  compareWithScratch,
  prune,
  pruneBlocks,
  pruneIteratively,
  reinitialize,
  sensitivityScan,
} from '../../../src/edge/index.js';
import {
  BatchNorm2d,
  Conv2d,
  createModel,
  fit,
  Linear,
  type Module,
  manualSeed,
  mul,
  Sequential,
  SGD,
  sum,
  Tensor,
} from '../../../src/index.js';
import { normals } from '../../../testing/arbitraries.js';

beforeEach(() => manualSeed(1));

const inputShape = [1, 3, 32, 32];
const images = (): Tensor => Tensor.from(normals([2, 3, 32, 32], 'images'), [2, 3, 32, 32]);
const size = (model: Module): number => [...model.parameters()].reduce((sum, p) => sum + p.size, 0);

describe('sensitivityScan', () => {
  it('prunes one set of layers at a time and measures what is left', async () => {
    const model = createModel('cifar_net');
    const scan = await sensitivityScan(model, { inputShape, score: size, shares: [0.5], minKept: 0 });
    expect(scan.baseline).toBe(size(model));
    expect(scan.rows.map(({ layers }) => layers)).toEqual([['conv1'], ['conv2'], ['conv3']]);
    // conv1 [12, 3, 3, 3] loses half of its filters, bn1 half of both vectors, conv2 half of its columns.
    const conv2 = model.stateDict().get('conv2.weight')?.shape as number[];
    expect(scan.baseline - scan.rows[0].results[0].score).toBe(6 * 27 + 12 + 6 * conv2[0] * conv2[2] * conv2[3]);
    expect(String(scan)).toMatch(/channels of\s+keep 0\.5\nconv1/);
    await expect(sensitivityScan(model, { inputShape, score: () => Number.NaN })).rejects.toThrow(
      'sensitivityScan: score gave NaN, but must give a number',
    );
  });
});

describe('pruneIteratively', () => {
  it('reaches the speedup in equal factors, with training between', async () => {
    const seen: number[] = [];
    const result = await pruneIteratively(createModel('resnet8'), {
      ...{ inputShape, speedup: 4, steps: 2, score: size },
      fineTune: (model, step) => {
        seen.push(step);
        for (const p of model.parameters()) p.data[0] += 0.01;
      },
    });
    expect(seen).toEqual([1, 2]);
    expect(result.steps[0].speedup).toBeGreaterThan(2);
    expect(result.steps[0].speedup).toBeLessThan(2.1);
    expect(result.steps[1].speedup).toBeGreaterThan(4);
    expect(result.steps[1].tuned).toBe(size(result.model));
    expect(String(result)).toContain('fine-tuned');
    const again = applyPlan(createModel('resnet8'), result.plan);
    again.loadStateDict(result.model.stateDict());
    expect([...again.predict(images()).data]).toEqual([...result.model.predict(images()).data]);
  });
});

describe('pruneBlocks', () => {
  it('leaves residual blocks out: those named, or those that are missed least', async () => {
    const model = createModel('resnet20');
    const { model: small, macs, plan } = await pruneBlocks(model, { inputShape, blocks: ['layer1.1', 'layer3.2'] });
    const block = (16 * 16 * 32 * 32 + 64 * 64 * 8 * 8) * 2 * 9;
    expect(macs[0] - macs[1]).toBe(block);
    expect([...small.stateDict().keys()].some((key) => key.startsWith('layer1.1.'))).toBe(false);
    expect(small.predict(images()).shape).toEqual([2, 10]);
    expect(size(model)).toBe(269_722);
    // The score misses the largest block most.
    const least = await pruneBlocks(model, { inputShape, blocks: 1, score: size });
    expect(least.plan[0].blocks).toEqual(['layer1.0']);
    const thin = prune(small, { inputShape, speedup: 1.5 });
    const again = applyPlan(createModel('resnet20'), thin.plan);
    expect(thin.plan.slice(0, 1)).toEqual(plan);
    expect(size(again)).toBe(size(thin.model));
  });

  it('says which blocks there are', async () => {
    const model = createModel('resnet8');
    await expect(pruneBlocks(model, { inputShape, blocks: ['layer2.0'] })).rejects.toThrow(
      "'layer2.0' is no residual block that keeps its shape. There are layer1.0.",
    );
    await expect(pruneBlocks(model, { inputShape, blocks: 2, score: size })).rejects.toThrow('has 1 residual blocks');
    await expect(pruneBlocks(model, { inputShape, blocks: 1 })).rejects.toThrow('needs score');
    await expect(pruneBlocks(createModel('cifar_net'), { inputShape, blocks: ['conv1'] })).rejects.toThrow(
      'has no residual block that keeps its shape',
    );
  });
});

describe('compareWithScratch', () => {
  it('gives both the same training, one of them fresh weights, and leaves the model alone', async () => {
    const model = prune(createModel('resnet8'), { inputShape, speedup: 2 }).model;
    model.linear.bias?.data.fill(3);
    const before = [...model.stateDict()];
    const trained: Module[] = [];
    const result = await compareWithScratch(model, {
      train: (each) => trained.push(each),
      score: (each) => each.stateDict().get('linear.bias')?.data[0] as number,
    });
    expect(trained).toEqual([result.model, result.scratch]);
    expect(result.scores).toEqual({ pruned: 3, scratch: 0 });
    expect(String(result)).toContain('fresh weights');
    expect([...model.stateDict()]).toEqual(before);
  });

  it('draws fresh weights as large as those of a new network', () => {
    const model = new Sequential(new Conv2d(16, 64, 3), new BatchNorm2d(64), new Linear(64, 10));
    for (const p of model.parameters()) p.data.fill(7);
    const [w, , scale, shift, , , matrix] = [...reinitialize(model).namedTensors()].map(([, t]) => t.data);
    const variance = w.reduce((sum, v) => sum + v * v, 0) / w.length;
    expect(variance).toBeGreaterThan((0.9 * 2) / (64 * 9));
    expect(variance).toBeLessThan((1.1 * 2) / (64 * 9));
    expect([scale[0], shift[0]]).toEqual([1, 0]);
    expect(Math.max(...matrix.map(Math.abs))).toBeLessThanOrEqual(1 / 8);
  });
});

describe('batchNormSparsity', () => {
  it('moves scales towards zero by the same step, whatever their size', async () => {
    const model = new Sequential(new BatchNorm2d(3));
    const scale = (model.at(0) as BatchNorm2d).weight as Tensor;
    scale.data.set([1, -0.5, 0]);
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    const train = [{ x: images(), labels: Int32Array.of(0, 0) }];
    // A loss whose gradient is zero: only the penalty moves the scales.
    const loss = (y: Tensor): Tensor => mul(sum(y), 0);
    await fit(model, { train, optimizer, epochs: 1, loss, callbacks: [batchNormSparsity(0.5)] });
    expect([...scale.data].map((v) => Math.round(1e4 * v) / 1e4)).toEqual([0.95, -0.45, 0]);
    const plain = new Sequential(new Conv2d(3, 2, 1));
    const options = { train, optimizer: new SGD(plain.parameters(), { learningRate: 0.1 }), epochs: 1 };
    await expect(fit(plain, { ...options, callbacks: [batchNormSparsity(1)] })).rejects.toThrow(
      'batchNormSparsity: this Sequential has no batch norm with a scale.',
    );
    expect(() => batchNormSparsity(0)).toThrow('strength is 0');
  });
});

import { describe, expect, it } from 'vitest';
import { DataLoader } from '../../src/data/loader.js';
import { synthetic } from '../../src/data/synthetic.js';
import { Dropout } from '../../src/layers/dropout.js';
import type { Module } from '../../src/layers/module.js';
import { createModel } from '../../src/models/index.js';
import { freeze } from '../../src/models/transfer.js';
import { exportOnnx, importOnnx } from '../../src/onnx/index.js';
import { SGD } from '../../src/optim/sgd.js';
import { findLearningRate } from '../../src/train/findLearningRate.js';
import { fit } from '../../src/train/fit.js';

const loader = (): DataLoader => new DataLoader(synthetic({ split: 'train', length: 24 }), { batchSize: 8 });
const resnet = (): Module => createModel('resnet20', { widthMultiplier: 1 / 4 });

/** The names of the tensors that two epochs move. */
async function moved(model: Module): Promise<string[]> {
  const before = model.stateDict();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9, weightDecay: 1e-3 });
  await fit(model, { train: loader(), validation: loader(), optimizer, epochs: 2 });
  const now = model.stateDict();
  return [...before]
    .filter(([name, { data }]) => data.some((v, i) => v !== now.get(name)?.data[i]))
    .map(([name]) => name);
}

describe('fit of a partly frozen model', () => {
  it('moves the head only, none of the 19 running means', async () => {
    const model = resnet();
    freeze(model);
    expect([...model.namedBuffers()].filter(([name]) => name.endsWith('running_mean'))).toHaveLength(19);
    expect(await moved(model)).toEqual(['linear.weight', 'linear.bias']);
  });

  it('moves the statistics of the batch norms that are trained', async () => {
    const model = resnet();
    freeze(model, /^(conv1|bn1|layer[12])\b/);
    const names = await moved(model);
    expect(names.filter((name) => !/^(layer3|linear)/.test(name))).toEqual([]);
    expect(names.filter((name) => name.endsWith('running_mean'))).toHaveLength(6);
  });

  it('holds for a model that was read from an ONNX file', async () => {
    const model = importOnnx(exportOnnx(resnet(), [8, 3, 32, 32]));
    freeze(model, /^(?!.*linear)/);
    expect([...model.namedBuffers()].length).toBeGreaterThanOrEqual(2 * 19);
    expect(await moved(model)).toEqual(['linear.weight', 'linear.bias']);
  });

  it('drops nothing in frozen parts, and what is trained is in training mode', async () => {
    const model = createModel('vgg11_cifar', { widthMultiplier: 1 / 16, dropout: 0.5 });
    freeze(model);
    const modes: boolean[][] = [];
    const modules = new Map(model.namedModules());
    const record = (): void => {
      modes.push(['', 'features', 'features.1', 'dropout', 'classifier'].map((name) => !!modules.get(name)?.training));
    };
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    await fit(model, { train: loader(), optimizer, epochs: 1, callbacks: [{ onStep: record }] });
    expect(modules.get('dropout')).toBeInstanceOf(Dropout);
    expect(modes).toEqual(Array(3).fill([true, false, false, true, true]));
    expect(model.training).toBe(false);
  });

  it('follows parameters that are thawed on the way', async () => {
    const model = resnet();
    freeze(model);
    const mean = new Map(model.namedBuffers()).get('bn1.running_mean');
    const means: number[] = [];
    const thaw = {
      onEpochStart: (_run: unknown, epoch: number) => void (epoch === 2 && model.requiresGrad(true)),
      onEpochEnd: () => void means.push(mean?.data[0] as number),
    };
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    await fit(model, { train: loader(), optimizer, epochs: 2, callbacks: [thaw] });
    expect(means[0]).toBe(0);
    expect(means[1]).not.toBe(0);
  });

  it('is searched for a learning rate in the same modes', async () => {
    const model = resnet();
    freeze(model);
    const norm = new Map(model.namedModules()).get('bn1') as Module;
    const seen: boolean[] = [];
    norm.registerForwardHook(({ training }) => seen.push(training));
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    await findLearningRate(model, { train: loader(), optimizer, steps: 3 });
    expect(seen).toEqual([false, false, false]);
  });
});

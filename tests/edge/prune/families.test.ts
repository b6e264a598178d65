import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyPlan, type PrunePlan, prune } from '../../../src/edge/index.js';
import { findChannels } from '../../../src/edge/prune/channelGroups.js';
import { isPadding } from '../../../src/edge/prune/padding.js';
import { capture } from '../../../src/graph/index.js';
import { createModel, type Module, manualSeed, Tensor } from '../../../src/index.js';
import { cloneWith, tensorLike } from '../../../src/layers/cloneModule.js';
import { models } from '../../../src/models/index.js';
import { normals } from '../../../testing/arbitraries.js';
import { expectRelative } from '../../../testing/tolerance.js';

beforeEach(() => manualSeed(1));

let built: Module[] = [];
afterEach(() => {
  for (const model of built) for (const [, t] of model.namedTensors()) t.dispose();
  built = [];
});

/** A network with statistics and scales as if it were trained: nothing is 0 or 1. */
function trained(name: string, options: object): Module {
  const model = createModel(name, options as never);
  for (const [key, t] of model.namedTensors()) {
    if (t.shape.length > 1) continue;
    const noise = normals([t.size], key);
    t.data.set(noise.map((v) => (/var$/.test(key) ? 0.5 + Math.abs(v) : /weight$/.test(key) ? 1 + 0.3 * v : 0.2 * v)));
  }
  built.push(model);
  return model.eval();
}

/** The original with all places of the removed channels at zero. */
function masked(model: Module, [{ channels: removed, inputShape }]: PrunePlan): Module {
  const channels = findChannels(capture(model, inputShape), isPadding);
  const zeros = new Map<Tensor, Map<number, Set<number>>>();
  for (const { groups } of channels.sets) {
    for (const { places, filters } of groups) {
      const layer = (channels.graph.values[filters[0].value].name ?? '').replace(/\.weight$/, '');
      if (!filters[0].indices.every((i) => removed[layer]?.includes(i))) continue;
      for (const { value, axis, indices } of places) {
        const tensor = channels.graph.tensors.get(value) as Tensor;
        const axes = zeros.get(tensor) ?? new Map<number, Set<number>>();
        zeros.set(tensor, axes.set(axis, new Set([...(axes.get(axis) ?? []), ...indices])));
      }
    }
  }
  const made = cloneWith(model, (t) => {
    const numbers = Float32Array.from(t.floats);
    for (const [axis, gone] of zeros.get(t) ?? []) {
      const inner = t.shape.slice(axis + 1).reduce((n, m) => n * m, 1);
      for (let i = 0; i < numbers.length; i++) if (gone.has(Math.floor(i / inner) % t.shape[axis])) numbers[i] = 0;
    }
    return tensorLike(t, numbers, t.shape);
  });
  built.push(made);
  return made;
}

const families: [name: string, options: object, side: number, keep?: number][] = [
  ['cifar_net', {}, 32],
  ['vgg_small', { widthMultiplier: 0.25 }, 32],
  ['resnet8', { shortcut: 'A' }, 32],
  ['airbench91', { widthMultiplier: 0.5 }, 32],
  ['resnext50_32x4d', { widthMultiplier: 0.125 }, 32],
  ['wrn_16_4', { widthMultiplier: 0.125 }, 32],
  ['mobilenet_v2_cifar', { widthMultiplier: 0.25 }, 32],
  ['mobilenet_v3_small', { widthMultiplier: 0.25 }, 32],
  ['googlenet_cifar', { widthMultiplier: 0.25 }, 32],
  ['squeezenet_cifar', { widthMultiplier: 0.25 }, 32],
  ['alexnet_2012', { widthMultiplier: 0.0625 }, 227, 0.6],
  ['capsnet_mnist', { widthMultiplier: 0.125 }, 28, 0.6],
];

describe.each(families)('%s', (name, options, side, share) => {
  it('answers when pruned as the original with the removed channels at zero, and can be made again from its plan', () => {
    const model = trained(name, options);
    const channels = models[name as 'resnet20'].inputShape[0];
    const inputShape = [1, channels, side, side];
    const x = Tensor.from(normals([2, channels, side, side], 'images'), [2, channels, side, side]);
    const before = [...model.stateDict()];
    const target = share === undefined ? { speedup: 2 } : { keep: share };
    const { model: small, plan, speedup, macs, parameters } = prune(model, { inputShape, ...target });
    built.push(small);
    expect(speedup).toBeGreaterThanOrEqual(share === undefined ? 2 : 1.1);
    if (share === undefined) expect(speedup).toBeLessThan(2.1);
    expect(small.constructor).toBe(model.constructor);
    expect(parameters[1]).toBeLessThan(parameters[0]);
    expect(macs[1]).toBeLessThan(macs[0]);

    const y = small.predict(x);
    const expected = masked(model, plan).predict(x);
    expectRelative(y.data, expected.data, 2e-4);
    // The original is as it was.
    expect([...model.stateDict()]).toEqual(before);

    const again = applyPlan(model, JSON.parse(JSON.stringify(plan)));
    built.push(again);
    expect([...again.stateDict()].map(([key, { shape }]) => [key, shape])).toEqual(
      [...small.stateDict()].map(([key, { shape }]) => [key, shape]),
    );
    expect([...again.predict(x).data]).toEqual([...y.data]);
  });
});

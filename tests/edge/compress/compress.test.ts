import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { kMeans, nearest } from '../../../src/edge/compress/kMeans.js';
import { packWeights, pruneWeights, shareWeights, unpackWeights } from '../../../src/edge/index.js';
import { createModel, fit, Linear, type Module, manualSeed, Sequential, SGD, Tensor } from '../../../src/index.js';
import { normals } from '../../../testing/arbitraries.js';

beforeEach(() => manualSeed(1));

const zeros = (model: Module): number =>
  [...model.parameters()]
    .filter(({ shape }) => shape.length > 1)
    .reduce((n, { data }) => n + data.filter((v) => v === 0).length, 0);
const batch = { x: Tensor.from(normals([8, 6], 'x'), [8, 6]), labels: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3) };

describe('pruneWeights', () => {
  it('makes the smallest weights zero, of all layers or of each', () => {
    const model = new Sequential(new Linear(2, 2), new Linear(2, 2));
    const [a, b] = [model.at(0), model.at(1)] as Linear[];
    const set = (): void => {
      a.weight.data.set([1, -2, 3, 4]);
      b.weight.data.set([10, 20, -30, 40]);
    };
    set();
    expect(pruneWeights(model, { sparsity: 0.5 }).sparsity).toBe(0.5);
    expect([...a.weight.data, ...b.weight.data]).toEqual([0, 0, 0, 0, 10, 20, -30, 40]);
    set();
    pruneWeights(model, { sparsity: 0.5, scope: 'layer' });
    expect([...a.weight.data, ...b.weight.data]).toEqual([0, 0, 3, 4, 0, 0, -30, 40]);
    set();
    pruneWeights(model, { sparsity: 0.5, skip: ['1'] });
    expect([...b.weight.data]).toEqual([10, 20, -30, 40]);
  });

  it('zeros stay zero while the rest is trained', async () => {
    const model = new Sequential(new Linear(6, 8), new Linear(8, 4));
    const masks = pruneWeights(model, { sparsity: 0.6 });
    const [before, numbers] = [zeros(model), model.stateDict()];
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1, momentum: 0.9 });
    await fit(model, { train: Array(5).fill(batch), optimizer, epochs: 1, callbacks: [masks.callback()] });
    expect(zeros(model)).toBe(before);
    expect(before).toBe(Math.round(0.6 * 80));
    expect([...model.stateDict()]).not.toEqual([...numbers]);
  });

  it('refuses what makes no sense', () => {
    expect(() => pruneWeights(new Linear(2, 2), { sparsity: 1 })).toThrow(
      'sparsity is 1, but must be from 0 to below 1',
    );
    expect(() => pruneWeights(new Sequential(), { sparsity: 0.5 })).toThrow(
      'this Sequential has no filters or matrices.',
    );
  });
});

describe('shareWeights', () => {
  it('leaves 2^bits different weights per layer, zero among them, and keeps it so in training', async () => {
    const model = new Sequential(new Linear(6, 32), new Linear(32, 4));
    pruneWeights(model, { sparsity: 0.5 });
    const before = zeros(model);
    const shared = shareWeights(model, { bits: 3 });
    const distinct = (): number[] =>
      [model.at(0), model.at(1)].map((each) => new Set((each as Linear).weight.data).size);
    for (const count of distinct()) expect(count).toBeLessThanOrEqual(8);
    const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
    await fit(model, { train: Array(3).fill(batch), optimizer, epochs: 1, callbacks: [shared.callback()] });
    for (const count of distinct()) expect(count).toBeLessThanOrEqual(8);
    expect(zeros(model)).toBe(before);
    expect(() => shareWeights(model, { bits: 9 })).toThrow('bits is 9, but must be from 1 to 8.');
  });
});

describe('kMeans', () => {
  it('finds groups that stand apart', () => {
    expect([...kMeans(Float32Array.of(9, 1, 11, 2, 10, 3), 2)]).toEqual([2, 10]);
    expect([...kMeans(Float32Array.of(5, 5), 3)]).toEqual([5]);
    expect(kMeans(new Float32Array(0), 3)).toHaveLength(0);
  });

  it('no center is nearer to a number than the one it is given', () => {
    const numbers = fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 6 }), (values, k) => {
        const centers = kMeans(Float32Array.from(values), k);
        for (const v of values) {
          const own = Math.abs(v - centers[nearest(centers, v)]);
          for (const center of centers) expect(own).toBeLessThanOrEqual(Math.abs(v - center) + 1e-12);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('packWeights', () => {
  it('gives back the same bits, whatever the numbers', async () => {
    const any = fc.array(fc.oneof(fc.float(), fc.constantFrom(0, -0, 1, Number.NaN)), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(any, any, async (a, b) => {
        const entry = (values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
        const state = new Map([
          ['2', entry(a)],
          ['1', entry(b)],
        ]);
        const back = await unpackWeights(await packWeights(state));
        expect([...back.keys()].sort()).toEqual(['1', '2']);
        for (const [name, { data }] of state) {
          expect(Object.is(String(back.get(name)?.shape), String([data.length]))).toBe(true);
          expect([...(back.get(name)?.data ?? [])].every((v, i) => Object.is(v, data[i]))).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('each stage of Deep Compression makes a smaller file, and the model answers from it', async () => {
    const model = createModel('resnet8');
    const sizes = [(await packWeights(model)).length];
    pruneWeights(model, { sparsity: 0.8 });
    sizes.push((await packWeights(model)).length);
    shareWeights(model, { bits: 5 });
    const bytes = await packWeights(model);
    const dense = 4 * 78_042;
    expect(sizes[0]).toBeLessThan(1.1 * dense);
    expect(sizes[1]).toBeLessThan(0.3 * dense);
    expect(bytes.length).toBeLessThan(0.11 * dense);
    const copy = createModel('resnet8');
    copy.loadStateDict(await unpackWeights(bytes));
    expect([...copy.stateDict()]).toEqual([...model.stateDict()]);
    await expect(unpackWeights(bytes.subarray(0, 100))).rejects.toThrow('not those of packWeights, or damaged');
    await expect(unpackWeights(Uint8Array.of(1, 2))).rejects.toThrow('not those of packWeights');
  });
});

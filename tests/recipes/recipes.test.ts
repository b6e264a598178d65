import { beforeEach, describe, expect, it } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { synthetic } from '../../src/data/synthetic.js';
import { Conv2d } from '../../src/layers/conv2d.js';
import type { Module } from '../../src/layers/module.js';
import type { Airbench } from '../../src/models/airbench.js';
import { createModel } from '../../src/models/index.js';
import type { Muon } from '../../src/optim/muon.js';
import type { SGD } from '../../src/optim/sgd.js';
import { airbenchSgd } from '../../src/recipes/airbench.js';
import { airbenchMuon } from '../../src/recipes/airbench94.js';
import { planRecipe, type Recipe, type RecipePlan, recipes } from '../../src/recipes/index.js';
import { Tensor } from '../../src/tensor/tensor.js';
import type { Callback } from '../../src/train/callbacks.js';
import { fit } from '../../src/train/fit.js';

beforeEach(() => manualSeed(1));

const images = synthetic({ length: 60 });
/** The recipe at a size for tests. */
const small = (recipe: Recipe): Recipe => ({ ...recipe, batchSize: 20, modelOptions: { widthMultiplier: 1 / 8 } });
const all = Object.entries<Recipe>(recipes);

describe.each(all)('the recipe %s', (key, recipe) => {
  it('has its name, a source, and a goal of 75 % or more', () => {
    expect(recipe.name).toBe(key);
    expect(recipe.source).toMatch(/\(arXiv:\d{4}\.\d{5}\)/);
    expect(recipe.goal.accuracy).toBeGreaterThanOrEqual(0.75);
    expect(recipe.goal.accuracy).toBeLessThan(1);
  });

  it('plans a training of its model that runs, and moves all parameters that are not frozen', async () => {
    const model = createModel(recipe.model, small(recipe).modelOptions);
    const { options } = planRecipe(small(recipe), model, images, { epochs: 2 });
    const optimized = new Set(options.optimizer.parameters());
    const forgotten = [...model.namedParameters()].filter(([, p]) => p.requiresGrad && !optimized.has(p));
    expect(forgotten.map(([name]) => name)).toEqual([]);
    const before = [...model.parameters()].map((p) => Float32Array.from(p.data));
    const { epochs } = await fit(model, options);
    expect(epochs.map(({ step }) => step)).toEqual([3, 6]);
    expect(Number.isFinite(epochs[0].loss)).toBe(true);
    [...model.namedParameters()].forEach(([name, p], i) => {
      // Averaging equal numbers rounds: frozen weights may change in their last digits.
      const least = p.requiresGrad ? 0 : 1e-5;
      const moved = p.data.some((v, k) => Math.abs(v - before[i][k]) > least * Math.max(1, Math.abs(v)));
      expect(moved, name).toBe(p.requiresGrad);
    });
  });

  it('ends with a learning rate below a tenth of the peak, which it reaches on the way', () => {
    const model = createModel(recipe.model, small(recipe).modelOptions);
    const { schedule, optimizer } = planRecipe(small(recipe), model, images, { epochs: 40 }).options;
    const rates = Array.from({ length: 120 }, (_, step) => schedule?.(step) ?? Number.NaN);
    expect(Math.max(...rates)).toBeLessThanOrEqual(optimizer.learningRate * (1 + 1e-12));
    expect(Math.max(...rates)).toBeGreaterThan(0.99 * optimizer.learningRate);
    expect(rates[119]).toBeLessThan(0.1 * optimizer.learningRate);
  });
});

it('imageSizes: squeezenet sees 16x16, 24x24 and at last 32x32 pixels, and the plan tells what that costs', () => {
  const recipe = small(recipes.squeezenet);
  const model = createModel(recipe.model, recipe.modelOptions);
  const { options, epochWork } = planRecipe(recipe, model, images, { epochs: 5 });
  const sides = Array.from({ length: 5 }, () => {
    const [{ x }] = options.train;
    return x.shape[3];
  });
  expect(sides).toEqual([16, 16, 24, 24, 32]);
  expect(epochWork).toEqual(sides.map((side) => side * side));
});

describe('airbenchSgd', () => {
  it('has the published rates for the sum of the loss, times the batch for its mean', () => {
    const model = createModel('airbench91', { widthMultiplier: 1 / 8 });
    const optimizer = airbenchSgd(model, 1024);
    // 11.5 / (1024 (1 + 1 / 0.15)) for the sum; decay 0.0153 times 1024 by the same, taken off at that rate.
    const sum = 11.5 / (1024 * (1 + 1 / 0.15));
    expect(optimizer.learningRate).toBeCloseTo(1024 * sum, 12);
    const [others, shifts] = optimizer.groups;
    expect(shifts.params.map(({ shape }) => shape.length)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(shifts.learningRateScale).toBeCloseTo(64, 12);
    const decayed = (0.0153 * 1024) / (1024 * (1 + 1 / 0.15));
    expect(optimizer.learningRate * others.options.weightDecay).toBeCloseTo(decayed, 12);
    expect(64 * optimizer.learningRate * shifts.options.weightDecay).toBeCloseTo(decayed, 12);
    expect(others.options).toMatchObject({ momentum: 0.85, nesterov: true });
  });

  it('moves the weights by as much for each image, whatever the batch', () => {
    const model = createModel('airbench91', { widthMultiplier: 1 / 8 });
    const rates = [256, 1024].map((batch) => airbenchSgd(model, batch).learningRate / batch);
    expect(rates[0]).toBeCloseTo(rates[1], 15);
  });
});

describe('airbenchMuon', () => {
  it('has the published rates for the sum of the loss, times the batch for its mean', () => {
    const model = createModel('airbench94', { widthMultiplier: 1 / 8 });
    const [muon, sgd] = airbenchMuon(model, 2000).parts as [Muon, SGD];
    expect([...muon.parameters()].map(({ shape }) => shape.length)).toEqual([4, 4, 4, 4, 4, 4]);
    const [others, head] = sgd.groups;
    expect(others.params).toHaveLength(7);
    expect(sgd.learningRate).toBeCloseTo(0.053 * 2000, 10);
    // Logits are W x / 256 there and V x / 9 here: V = 9 W / 256 moves by (9 / 256)^2 of what its gradient moves W.
    const rate = sgd.learningRate * head.learningRateScale;
    expect(rate).toBeCloseTo((0.67 * 2000 * 81) / 65536, 10);
    expect(rate * head.options.weightDecay).toBeCloseTo(2e-6 * 2000, 12);
    expect(sgd.learningRate * others.options.weightDecay).toBeCloseTo(2e-6 * 2000, 12);
  });
});

describe('the airbench recipes', () => {
  it('rise to the peak in 23 % of the steps and fall to 7 % of it', () => {
    const model = createModel('airbench91', { widthMultiplier: 1 / 8 });
    const optimizer = airbenchSgd(model, 1024);
    const schedule = recipes.tiny.schedule(480, optimizer);
    const shares = [0, 55, 110, 295, 480].map((step) => schedule(step) / optimizer.learningRate);
    [0.2, 0.6, 1, 0.535, 0.07].forEach((share, i) => {
      expect(shares[i]).toBeCloseTo(share, 10);
    });
  });

  it('whiten the first layer by training images as the network sees them', () => {
    const model = createModel('airbench91', { widthMultiplier: 1 / 8 }) as Airbench;
    const before = Float32Array.from(model.whiten.weight.data);
    planRecipe(small(recipes.tiny), model, images);
    const w = model.whiten.weight.data;
    expect(w.some((v, i) => v !== before[i])).toBe(true);
    for (let i = 0; i < w.length / 2; i++) expect(w[i + w.length / 2]).toBe(-w[i]);
  });

  it('train the bias of the first layer for three epochs', async () => {
    const model = createModel('airbench91', { widthMultiplier: 1 / 8 }) as Airbench;
    const { options } = planRecipe(small(recipes.tiny), model, images, { epochs: 4 });
    const bias = model.whiten.bias as NonNullable<Conv2d['bias']>;
    const learns: boolean[] = [];
    await fit(model, {
      ...options,
      callbacks: [...options.callbacks, { onStep: () => void learns.push(bias.requiresGrad) }],
    });
    expect(learns.map(Number)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
  });

  it('go on from a checkpoint with the same bytes, slow weights and frozen bias included', async () => {
    const begin = (): { model: Module; options: RecipePlan['options'] } => {
      manualSeed(1);
      const model = createModel('airbench91', { widthMultiplier: 1 / 8 });
      return { model, options: planRecipe(small(recipes.tiny), model, images, { epochs: 5 }).options };
    };
    const whole = begin();
    let checkpoint: Uint8Array | undefined;
    const save: Callback = {
      onStep(run, { step }) {
        if (step === 11) checkpoint = run.checkpoint();
      },
    };
    await fit(whole.model, { ...whole.options, callbacks: [...whole.options.callbacks, save] });
    const rest = begin();
    const steps: boolean[] = [];
    const watch: Callback = {
      onStep: () => void steps.push((rest.model as Airbench).whiten.bias?.requiresGrad === true),
    };
    await fit(rest.model, { ...rest.options, callbacks: [...rest.options.callbacks, watch], resume: checkpoint });
    expect(steps).toEqual([false, false, false, false]);
    for (const [name, { data }] of whole.model.stateDict()) {
      const again = rest.model.stateDict().get(name)?.data;
      expect(
        data.every((v, i) => Object.is(v, again?.[i])),
        name,
      ).toBe(true);
    }
  });

  it('can follow a model of your own', () => {
    const x = Tensor.zeros([2, 3, 8, 8]);
    expect(() => recipes.tiny.prepare?.(new Conv2d(3, 24, 2), x)).not.toThrow();
  });
});

describe('planRecipe', () => {
  it('refuses a number of epochs that is none', () => {
    const model = createModel('cifar_net');
    expect(() => planRecipe(recipes.quick, model, images, { epochs: 0 })).toThrow('epochs');
  });
});

import { beforeEach, describe, expect, test, vi } from 'vitest';
import { manualSeed } from '../../src/base/random.js';
import { DataLoader } from '../../src/data/loader.js';
import type { Module } from '../../src/layers/module.js';
import { SGD } from '../../src/optim/sgd.js';
import { crossEntropy } from '../../src/tensor/ops/loss/crossEntropy.js';
import { withTape } from '../../src/tensor/tape.js';
import type { Callback } from '../../src/train/callbacks.js';
import { clipGradients } from '../../src/train/clipGradients.js';
import { type FitOptions, fit } from '../../src/train/fit.js';
import { gradientNoise } from '../../src/train/gradientNoise.js';
import { type GradientNorms, logGradients } from '../../src/train/logGradients.js';
import { trainingEvents } from '../../src/train/trainingEvents.js';
import { halves, tinyNet } from './problems.js';

const images = halves(32);

beforeEach(() => manualSeed(7));

function setup(options: Partial<FitOptions> = {}) {
  const model = tinyNet();
  const optimizer = new SGD(model.parameters(), { learningRate: 0.2, momentum: 0.9 });
  const train = new DataLoader(images, { batchSize: 8 });
  return { model, optimizer, fitting: { train, optimizer, epochs: 2, ...options } };
}

const weights = (model: Module): number[] => [...model.stateDict().values()].flatMap(({ data }) => [...data]);
const gradients = (model: Module): Float32Array[] => [...model.parameters()].map((p) => p.grad?.data as Float32Array);
const normOf = (all: Float32Array[]): number =>
  Math.sqrt(all.reduce((sum, g) => sum + g.reduce((s, v) => s + v * v, 0), 0));

/** The same training as a loop, with `between` called after backward and before the step. */
function byHand(between: (model: Module, step: number) => void): number[] {
  manualSeed(7);
  const { model, optimizer } = setup();
  let step = 0;
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const { x, labels } of new DataLoader(images, { batchSize: 8 })) {
      withTape((tape) => tape.backward(crossEntropy(model.forward(x), labels)));
      between(model, ++step);
      optimizer.step();
    }
  }
  return weights(model);
}

describe('onGradients', () => {
  test('comes between backward and the step, with the model, the gradients, the loss and the step', async () => {
    const seen: unknown[] = [];
    let before: number[] = [];
    const callback: Callback = {
      onGradients: async (run, { step, epoch, batch, batches, size, loss, parameters }) => {
        await Promise.resolve();
        before = weights(run.model);
        expect(parameters).toEqual([...run.model.parameters()]);
        expect(normOf(gradients(run.model))).toBeGreaterThan(0);
        expect(run.step).toBe(step - 1);
        seen.push(['gradients', step, epoch, batch, batches, size, loss]);
      },
      onStep: (run, { step, loss }) => {
        expect(weights(run.model)).not.toEqual(before);
        seen.push(['step', step, loss]);
      },
      onSettled: (_run, type) => void seen.push(type),
    };
    const { model, fitting } = setup({ epochs: 1, callbacks: [callback] });
    const { stepLoss } = await fit(model, fitting);
    expect(seen.slice(0, 6)).toEqual([
      'trainStart',
      'epochStart',
      ['gradients', 1, 1, 1, 4, 8, stepLoss[0]],
      ['step', 1, stepLoss[0]],
      'step',
      ['gradients', 2, 1, 2, 4, 8, stepLoss[1]],
    ]);
  });

  test('changes what the optimizer steps with, each callback on what the one before it left', async () => {
    const scale = (factor: number): Callback => ({
      onGradients: (_run, { parameters }) => {
        for (const { grad } of parameters)
          for (let i = 0; i < (grad?.size ?? 0); i++) (grad as { data: Float32Array }).data[i] *= factor;
      },
    });
    const { model, fitting } = setup({ callbacks: [scale(4), scale(0.5)] });
    await fit(model, fitting);
    expect(weights(model)).toEqual(
      byHand((net) => {
        for (const g of gradients(net)) for (let i = 0; i < g.length; i++) g[i] *= 2;
      }),
    );
  });

  test('leaves out frozen parameters', async () => {
    const { model, fitting } = setup({ epochs: 1 });
    const [first, ...others] = model.parameters();
    first.requiresGrad = false;
    const counts: number[] = [];
    const callbacks: Callback[] = [{ onGradients: (_run, { parameters }) => void counts.push(parameters.length) }];
    await fit(model, { ...fitting, callbacks });
    expect(counts).toEqual(Array(4).fill(others.length));
  });

  test('lets no checkpoint be saved in the middle of a step, and ends training with what it throws', async () => {
    const { model, fitting } = setup({ callbacks: [{ onGradients: (run) => void run.checkpoint() }] });
    await expect(fit(model, fitting)).rejects.toThrow('checkpoint: step 1 is under way');
    const other = setup();
    const before = weights(other.model);
    const callbacks: Callback[] = [{ onGradients: () => Promise.reject(new Error('mine')) }];
    await expect(fit(other.model, { ...other.fitting, callbacks })).rejects.toThrow('mine');
    expect(weights(other.model)).toEqual(before);
  });

  test('is an event of trainingEvents too; whoever leaves there leaves no gradients behind', async () => {
    const { model, fitting } = setup();
    const types: string[] = [];
    for await (const { type } of trainingEvents(model, fitting)) {
      types.push(type);
      if (types.length === 5) break;
    }
    expect(types).toEqual(['trainStart', 'epochStart', 'gradients', 'step', 'gradients']);
    expect([...model.parameters()].some((p) => p.hasFreshGrad)).toBe(false);
  });
});

describe('clipGradients', () => {
  test('by value equals clipping by hand', async () => {
    const limit = Math.fround(0.01);
    let clipped = 0;
    const { model, fitting } = setup({ callbacks: [clipGradients({ value: limit })] });
    await fit(model, fitting);
    const wanted = byHand((net) => {
      for (const g of gradients(net)) {
        for (let i = 0; i < g.length; i++) {
          if (Math.abs(g[i]) > limit) clipped++;
          g[i] = Math.max(-limit, Math.min(limit, g[i]));
        }
      }
    });
    expect(clipped).toBeGreaterThan(10);
    expect(weights(model)).toEqual(wanted);
  });

  test('by norm is the option clipNorm, and limits the norm', async () => {
    const norms: number[] = [];
    const log = (): Callback => logGradients({ every: 1, log: ({ norm }) => void norms.push(norm) });
    const first = setup({ callbacks: [log(), clipGradients({ norm: 0.05 }), log()] });
    await fit(first.model, first.fitting);
    for (let i = 0; i < norms.length; i += 2) {
      expect(norms[i + 1]).toBeCloseTo(Math.min(norms[i], 0.05), 4);
    }
    expect(Math.max(...norms)).toBeGreaterThan(0.05);
    manualSeed(7);
    const second = setup({ clipNorm: 0.05 });
    await fit(second.model, second.fitting);
    expect(weights(second.model)).toEqual(weights(first.model));
  });

  test('as an option comes after what callbacks add', async () => {
    let norm = 0;
    const callbacks: Callback[] = [
      gradientNoise({ variance: 100 }),
      { onStep: (run) => void (norm = Math.max(norm, normOf(gradients(run.model)))) },
    ];
    const { model, fitting } = setup({ clipNorm: 0.05, callbacks });
    await fit(model, fitting);
    expect(norm).toBeGreaterThan(0.049);
    expect(norm).toBeLessThan(0.0501);
  });

  test('wants one limit above 0', () => {
    expect(() => clipGradients({})).toThrow('clipGradients: neither norm nor value is given.');
    expect(() => clipGradients({ norm: 1, value: 1 })).toThrow('clipGradients: both norm and value are given.');
    expect(() => clipGradients({ norm: 0 })).toThrow('clipGradients');
    expect(() => clipGradients({ value: -1 })).toThrow('clipGradients');
  });
});

describe('gradientNoise', () => {
  test('has the variance that its formula says', async () => {
    const squares: number[] = [];
    let clean: Float32Array[] = [];
    const before: Callback = { onGradients: (run) => void (clean = gradients(run.model).map((g) => g.slice())) };
    const after: Callback = {
      onGradients(run) {
        const noise = gradients(run.model).flatMap((g, p) => [...g].map((v, i) => v - clean[p][i]));
        squares.push(noise.reduce((sum, v) => sum + v * v, 0) / noise.length);
      },
    };
    const { model, fitting } = setup({ callbacks: [before, gradientNoise({ variance: 4, decay: 1 }), after] });
    await fit(model, fitting);
    const draws = weights(model).length;
    // Five standard deviations of a mean of squares of normal draws.
    for (const [t, square] of squares.entries()) {
      expect(Math.abs((square * (t + 1)) / 4 - 1)).toBeLessThan(5 * Math.sqrt(2 / draws));
    }
  });

  test('is the same after a resume', async () => {
    const noise = (): Callback => gradientNoise({ variance: 0.1 });
    const whole = setup({ callbacks: [noise()] });
    await fit(whole.model, whole.fitting);
    manualSeed(7);
    let saved: Uint8Array | undefined;
    const saving: Callback = {
      onStep(run, { step }) {
        if (step !== 3) return;
        saved = run.checkpoint();
        run.stop();
      },
    };
    const first = setup({ callbacks: [noise(), saving] });
    await fit(first.model, first.fitting);
    manualSeed(99);
    const second = setup({ callbacks: [noise(), {}], resume: saved });
    await fit(second.model, second.fitting);
    expect(weights(second.model)).toEqual(weights(whole.model));
  });
});

describe('logGradients', () => {
  test('gives the norms by name every few steps', async () => {
    const logged: GradientNorms[] = [];
    const found: number[] = [];
    const callbacks: Callback[] = [
      logGradients({ every: 3, log: (norms) => logged.push(norms) }),
      { onGradients: (run, { step }) => void (step % 3 === 0 && found.push(normOf(gradients(run.model)))) },
    ];
    const { model, fitting } = setup({ callbacks });
    const { stepLoss } = await fit(model, fitting);
    expect(logged.map(({ step, loss }) => [step, loss])).toEqual([
      [3, stepLoss[2]],
      [6, stepLoss[5]],
    ]);
    expect([...logged[0].norms.keys()]).toEqual(['1.weight', '1.bias', '3.weight', '3.bias']);
    for (const [i, { norm }] of logged.entries()) expect(norm).toBeCloseTo(found[i], 10);
  });

  test('prints a line by default', async () => {
    const lines: string[] = [];
    const print = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
    const { model, fitting } = setup({ callbacks: [logGradients({ every: 5 })] });
    await fit(model, fitting);
    print.mockRestore();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^step 5: loss \d\.\d{4}, gradient norm [\d.]+, largest [\d.]+ in [13]\.(weight|bias)$/);
  });
});

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Module } from '../../src/layers/module.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { createModel, models } from '../../src/models/index.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { sum } from '../../src/tensor/ops/math/sum.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { expectRelative } from '../../testing/tolerance.js';
import { fill } from './fill.js';
import { formula } from './formula.js';
import { zooCase } from './zooCases.js';

interface Golden {
  /** Of the images, and of their formula. */
  size: number;
  seed: number;
  logits: number[];
  /** Norm and projection of each parameter's gradient. */
  gradients: number[];
}

function read<T>(file: string): Record<string, T> {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
}

const golden = read<Golden>('zoo.json');
const keys = read<Record<string, number[]>>('torchvision_keys.json');

/** Models differ in size by thousands: what one held is given back before the next. */
let built: Module | null = null;
afterEach(() => {
  for (const p of built?.parameters() ?? []) {
    p.grad?.dispose();
    p.dispose();
  }
  built = null;
});

function build(make: () => Module): Module {
  const model = withoutInit(make);
  built = model;
  return model;
}

describe('keys and shapes of the state dict', () => {
  it.each(Object.entries(keys).filter(([name]) => name in models))(
    'of %s are torchvision’s, in order',
    (name, want) => {
      const heads = name === 'googlenet' || name === 'inception_v3' ? { auxHeads: true } : {};
      const found = [...build(() => createModel(name, heads)).namedTensors()].map(([key, t]) => `${key} [${t.shape}]`);
      expect(found).toEqual(Object.entries(want).map(([key, shape]) => `${key} [${shape}]`));
    },
  );
});

describe('logits and the gradient of every parameter', () => {
  it.each(Object.entries(golden))('of %s are PyTorch’s', (name, want) => {
    const { make, outputs } = zooCase(name);
    const model = build(make);
    fill(model);
    model.eval();
    const shape = [2, 3, want.size, want.size];
    const x = Tensor.from(formula(shape, want.seed, -2, 2), shape);
    withTape((tape) => {
      const logits = outputs(model, x);
      expectRelative(logits.data, want.logits, 1e-4, 'logits');
      tape.backward(sum(mul(logits, Tensor.from(formula(logits.shape, 2000), logits.shape))));
    });
    const worst = { error: 0, key: '' };
    let place = 0;
    for (const [key, p] of model.namedParameters()) {
      if (!p.requiresGrad) continue;
      const [norm, product] = want.gradients.slice(2 * place, 2 * place + 2);
      const probe = formula(p.shape, 500 + place++);
      const grad = (p.grad as Tensor).data;
      let squares = 0;
      let projected = 0;
      for (let i = 0; i < grad.length; i++) {
        squares += grad[i] * grad[i];
        projected += grad[i] * probe[i];
      }
      const error = Math.max(Math.abs(Math.sqrt(squares) - norm), Math.abs(projected - product)) / norm;
      if (!(error <= worst.error)) Object.assign(worst, { error, key });
    }
    expect(want.gradients.length).toBe(2 * place);
    expect(worst.error, worst.key).toBeLessThan(1e-4);
  });
});

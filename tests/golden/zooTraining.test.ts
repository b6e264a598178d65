import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { useKernels } from '../../src/kernels/use.js';
import { Dropout } from '../../src/layers/dropout.js';
import { withoutInit } from '../../src/layers/withoutInit.js';
import { mul } from '../../src/tensor/ops/math/mul.js';
import { sum } from '../../src/tensor/ops/math/sum.js';
import { withTape } from '../../src/tensor/tape.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { expectRelative } from '../../testing/tolerance.js';
import { fill } from './fill.js';
import { formula } from './formula.js';
import { zooCase } from './zooCases.js';

/** What zoo_training.py says of a network after one pass in training mode. */
interface Golden {
  size: number;
  seed: number;
  /** The largest relative change of a gradient that rounding in float32 made in PyTorch. */
  sensitivity: number;
  logits: number[];
  /** Norm and projection of each running statistic, and of each parameter's gradient; 0 where a gradient is nothing but rounding. */
  statistics: number[];
  gradients: number[];
}

const golden: Record<string, Golden> = JSON.parse(readFileSync(new URL('zoo_training.json', import.meta.url), 'utf8'));

/** How far the norm and the projection of a tensor are from PyTorch's, relative to the norm; `place` is its seed there. */
function distance(
  values: Float32Array,
  shape: readonly number[],
  place: number,
  norm: number,
  product: number,
): number {
  const probe = formula(shape, 500 + place);
  let squares = 0;
  let projected = 0;
  for (let i = 0; i < values.length; i++) {
    squares += values[i] * values[i];
    projected += values[i] * probe[i];
  }
  return Math.max(Math.abs(Math.sqrt(squares) - norm), Math.abs(projected - product)) / norm;
}

// Winograd's rounding, ten times that of sums, would cross more kinks than the images were chosen for.
beforeAll(() => useKernels('plain'));

it.each(Object.entries(golden))(
  '%s in training mode: logits, running statistics and gradients are PyTorch’s',
  (name, want) => {
    const { make, outputs } = zooCase(name);
    const model = withoutInit(make);
    for (const [, module] of model.namedModules()) if (module instanceof Dropout) Object.assign(module, { p: 0 });
    fill(model);
    model.train();
    const shape = [4, 3, want.size, want.size];
    const x = Tensor.from(formula(shape, want.seed, -2, 2), shape);
    withTape((tape) => {
      const logits = outputs(model, x);
      expectRelative(logits.data, want.logits, 1e-4, 'logits');
      tape.backward(sum(mul(logits, Tensor.from(formula(logits.shape, 2000), logits.shape))));
    });

    const statistics = [...model.namedTensors()].filter(([key]) => key.includes('running_'));
    expect(want.statistics.length).toBe(2 * statistics.length);
    for (const [place, [key, t]] of statistics.entries()) {
      const [norm, product] = want.statistics.slice(2 * place);
      expect(distance(t.data, t.shape, place, norm, product), key).toBeLessThan(1e-4);
    }

    const parameters = [...model.namedParameters()];
    const largest = Math.max(...want.gradients);
    expect(want.gradients.length).toBe(2 * parameters.length);
    for (const [place, [key, p]] of parameters.entries()) {
      const [norm, product] = want.gradients.slice(2 * place);
      const { data } = p.grad as Tensor;
      if (norm === 0) {
        // A shift that batch norm takes away again: rounding is all that is left.
        expect(Math.hypot(...data), key).toBeLessThan(1e-4 * largest);
        continue;
      }
      // Another order of additions is another rounding: the worst of three that PyTorch was given, and as much again.
      expect(distance(data, p.shape, place, norm, product), key).toBeLessThan(1e-4 + 2 * want.sensitivity);
    }
    for (const p of model.parameters()) p.dispose();
  },
);

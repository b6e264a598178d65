import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StridenetError } from '../../src/base/errors.js';
import { manualSeed } from '../../src/base/random.js';
import { capture } from '../../src/graph/capture.js';
import { compile } from '../../src/graph/compile.js';
import { Plan } from '../../src/graph/plan/plan.js';
import { withKernels } from '../../src/kernels/family.js';
import { useKernels } from '../../src/kernels/use.js';
import { createModel } from '../../src/models/index.js';
import { exportOnnx } from '../../src/onnx/exportOnnx.js';
import { importOnnx } from '../../src/onnx/importOnnx.js';
import { inPrediction } from '../../src/tensor/scope.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { configurePrograms, currentPool } from '../../src/wasm/program.js';
import { normals } from '../../testing/arbitraries.js';
import { scrambleNorms } from '../../testing/randomModel.js';
import { expectRelative } from '../../testing/tolerance.js';
import { fill } from '../golden/fill.js';
import { formula } from '../golden/formula.js';

const golden: { models: Record<string, { predicted: number[] }> } = JSON.parse(
  readFileSync(new URL('../golden/models.json', import.meta.url), 'utf8'),
);

describe('PyTorch’s logits come out of plans', () => {
  const cases = Object.keys(golden.models).flatMap((title) =>
    (['reference', 'plain', 'simd'] as const).map((table) => [title, table] as const),
  );
  // Larger models take the textbook loops seconds.
  const quick = cases.filter(([title, table]) => table !== 'reference' || title === 'cifar_net');

  it.each(quick)('of %s on the %s kernels', (title, table) => {
    const [name, shortcut] = title.split(' ');
    const model = createModel(name as 'resnet20', { shortcut: shortcut as 'A' | undefined });
    fill(model);
    const x = Tensor.from(formula([4, 3, 32, 32], 1000, -2, 2), [4, 3, 32, 32]);
    withKernels(table, () => {
      const compiled = compile(model, { inputShape: x.shape });
      expectRelative(compiled.predict(x).data, golden.models[title].predicted, 2e-5, 'predicted logits');
      compiled.release();
    });
  });
});

describe('a model from an ONNX file', () => {
  it.each(['mobilenet_v3_small', 'resnet18'] as const)(
    'is compiled as the one that it was written from: %s',
    (name) => {
      manualSeed(1);
      const model = createModel(name, { numClasses: 5 });
      scrambleNorms(model);
      const imported = importOnnx(exportOnnx(model, [1, 3, 64, 64]));
      const x = Tensor.from(normals(3 * 64 * 64, 'x'), [1, 3, 64, 64]);
      const plan = compile(imported, { inputShape: x.shape });
      model.eval();
      const expected = inPrediction(() => model.forward(x));
      expectRelative(plan.predict(x).data, [...expected.data], 2e-5, name);
      plan.release();
    },
  );
});

describe('a worker thread that dies', () => {
  afterEach(() => useKernels('simd'));

  it.each([0, 4, 20])(
    'while a plan runs, behind its step %i, leaves right numbers or an error, never a hang',
    async (step) => {
      configurePrograms({ threads: 3, patienceMs: 300 });
      const pool = currentPool();
      await vi.waitFor(() => expect(pool?.started).toBe(2), 30_000);
      manualSeed(2);
      const model = createModel('resnet20');
      const x = Tensor.from(normals(2 * 3 * 32 * 32, 'x'), [2, 3, 32, 32]);
      const plan = new Plan(capture(model, x.shape));
      const [expected] = plan.run(x);
      let at = 0;
      const run = (): number[] => {
        const [y] = plan.run(x, ({ steps }) => {
          if (at++ === step) for (const worker of pool?.workers ?? []) worker.kill();
          for (const each of steps) each.run();
        });
        return [...y.data];
      };
      try {
        expect(run()).toEqual([...expected.data]);
      } catch (error) {
        expect(error).toBeInstanceOf(StridenetError);
        expect(String(error)).toMatch(/worker thread/);
      }
      // Once its end is known, plans say so, until there are new threads.
      await vi.waitFor(() => expect(run).toThrow(/worker thread .* Call useKernels\('simd'\)/), 30_000);
      plan.release();
      await useKernels('simd', { threads: 3 });
      expect([...model.predict(x).data]).toEqual([...expected.data]);
    },
  );
});

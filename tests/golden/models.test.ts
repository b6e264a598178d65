import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Adam, createModel, crossEntropy, type Optimizer, Parameter, SGD, Tensor, withTape } from '../../src/index.js';
import { tables, withTable } from '../../testing/tables.js';
import { expectRelative } from '../../testing/tolerance.js';
import { fill } from './fill.js';
import { formula } from './formula.js';

interface Golden {
  predicted: number[];
  logits: number[];
  loss: number;
  gradients: Record<string, [norm: number, product: number]>;
  buffers: Record<string, number[]>;
}

const golden: { models: Record<string, Golden>; sgd: number[]; adam: number[] } = JSON.parse(
  readFileSync(new URL('models.json', import.meta.url), 'utf8'),
);

function images(n: number, seed: number): Tensor {
  return Tensor.from(formula([n, 3, 32, 32], seed, -2, 2), [n, 3, 32, 32]);
}

const labels = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i % 10);

// The reference loops define each kernel and are compared op by op; whole models run on the fast tables.
const fast = tables.filter(([name]) => name !== 'reference');

describe.each(fast)('on the %s kernels', (_name, table) => {
  it.each(Object.entries(golden.models))(
    '%s has PyTorch’s logits, loss, running statistics and every gradient',
    (title, want) => {
      withTable(table, () => {
        const [name, shortcut] = title.split(' ');
        const model = createModel(name, { shortcut: shortcut as 'A' | 'B' | undefined });
        fill(model);
        const predicted = model.predict(images(4, 1000));
        expectRelative(predicted.data, want.predicted, 2e-5, 'predicted logits');
        withTape((tape) => {
          const logits = model.forward(images(4, 1000));
          const loss = crossEntropy(logits, labels(4));
          expectRelative(logits.data, want.logits, 2e-5, 'logits');
          expect(Math.abs(loss.item() - want.loss)).toBeLessThan(1e-5 * want.loss);
          tape.backward(loss);
        });
        const names = [...model.namedParameters()].map(([key]) => key);
        expect(names).toEqual(Object.keys(want.gradients));
        let place = 0;
        for (const [key, p] of model.namedParameters()) {
          const [norm, product] = want.gradients[key];
          const probe = formula(p.shape, 500 + place++);
          const grad = p.grad?.data ?? new Float32Array();
          let square = 0;
          let sum = 0;
          grad.forEach((g, i) => {
            square += g * g;
            sum += g * probe[i];
          });
          expect(Math.abs(Math.sqrt(square) - norm), `norm of the gradient of ${key}`).toBeLessThan(1e-4 * norm);
          expect(Math.abs(sum - product), `projection of the gradient of ${key}`).toBeLessThan(1e-4 * norm);
        }
        for (const [key, t] of model.namedTensors()) {
          if (!(t instanceof Parameter)) expectRelative(t.data.subarray(0, 4), want.buffers[key], 1e-5, key);
        }
      });
    },
  );

  const runs: [string, 'A' | 'B', number[], (p: Iterable<Parameter>) => Optimizer][] = [
    [
      'SGD with momentum',
      'A',
      golden.sgd,
      (p) => new SGD(p, { learningRate: 0.001, momentum: 0.9, weightDecay: 5e-4 }),
    ],
    ['Adam', 'B', golden.adam, (p) => new Adam(p, { learningRate: 1e-4 })],
  ];
  it.each(runs)('ten steps of a small ResNet with %s have PyTorch’s ten losses', (_title, shortcut, want, make) => {
    withTable(table, () => {
      const model = createModel('resnet20', { shortcut, widthMultiplier: 0.5 });
      fill(model);
      const optimizer = make(model.parameters());
      const losses = want.map((_, step) =>
        withTape((tape) => {
          const loss = crossEntropy(model.forward(images(32, 1000 + step)), labels(32));
          tape.backward(loss);
          optimizer.step();
          return loss.item();
        }),
      );
      losses.forEach((loss, step) => {
        expect(Math.abs(loss - want[step]) / want[step], `loss ${step}`).toBeLessThan(1e-4);
      });
    });
  });
});

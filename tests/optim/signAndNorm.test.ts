import { describe, expect, it } from 'vitest';
import { LAMB } from '../../src/optim/lamb.js';
import { Lion } from '../../src/optim/lion.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { normals } from '../../testing/arbitraries.js';
import { giveGradient } from '../../testing/optimizers.js';
import { tables, withTable } from '../../testing/tables.js';
import { expectClose, gamma } from '../../testing/tolerance.js';

const STEPS = 10;
const SIZE = 33;

interface Stepper {
  step(): void;
}

/** The parameter after each of ten steps, and the same by `next` in doubles. */
function paths(
  make: (p: Parameter) => Stepper,
  next: (p: number[], grad: Float32Array, t: number) => number[],
): { ours: number[][]; exact: number[][] } {
  const p = new Parameter(normals(SIZE, 'start'));
  const optimizer = make(p);
  let exact = [...p.data];
  const result: { ours: number[][]; exact: number[][] } = { ours: [], exact: [] };
  for (let t = 1; t <= STEPS; t++) {
    const grad = normals(SIZE, `gradient ${t}`);
    giveGradient(p, grad);
    optimizer.step();
    exact = next(exact, grad, t);
    result.ours.push([...p.data]);
    result.exact.push(exact);
  }
  return result;
}

function expectPaths({ ours, exact }: ReturnType<typeof paths>): void {
  const largest = Math.max(...exact.flat().map(Math.abs));
  ours.forEach((p, t) => {
    expectClose(p, exact[t], gamma(12 * (t + 1)) * 2 * largest, `step ${t + 1}`);
  });
}

describe.each(tables)('Lion and LAMB (%s)', (_, table) => {
  it('Lion by hand: the sign of half the mean and half the gradient', () => {
    withTable(table, () => {
      const p = new Parameter([8, 8, 8]);
      const optimizer = new Lion([p], { learningRate: 1, betas: [0.5, 0.5], weightDecay: 0.5 });
      giveGradient(p, [2, -3, 0]);
      optimizer.step();
      // 8 shrinks to 4 by the decay
      expect([...p.data]).toEqual([3, 5, 4]);
      // the means are 1, -1.5 and 0: the first turns around
      giveGradient(p, [-4, 0, 0]);
      optimizer.step();
      expect([...p.data]).toEqual([2.5, 3.5, 2]);
    });
  });

  it('Lion in doubles, ten steps', () => {
    withTable(table, () => {
      const options = { learningRate: 0.05, betas: [0.9, 0.99] as const, weightDecay: 0.1 };
      const m = new Array<number>(SIZE).fill(0);
      const next = (p: number[], grad: Float32Array): number[] =>
        p.map((v, i) => {
          const moved = v * (1 - 0.05 * 0.1) - 0.05 * Math.sign(0.9 * m[i] + 0.1 * grad[i]);
          m[i] = 0.99 * m[i] + 0.01 * grad[i];
          return moved;
        });
      expectPaths(paths((p) => new Lion([p], options), next));
    });
  });

  it('LAMB by hand: a step as long as the learning rate times the norm of the weight', () => {
    withTable(table, () => {
      const p = new Parameter([3, 4]);
      const optimizer = new LAMB([p], { learningRate: 0.5, eps: 0, betas: [0.5, 0.5] });
      giveGradient(p, [7, 0.1]);
      optimizer.step();
      // Adam's first step is the sign, (1, 1); made 0.5 * 5 long
      const share = 2.5 / Math.SQRT2;
      expectClose(p.data, [3 - share, 4 - share], 5 * gamma(8));
    });
  });

  it('LAMB in doubles, ten steps', () => {
    withTable(table, () => {
      const options = { learningRate: 0.02, betas: [0.9, 0.99] as const, eps: 1e-3, weightDecay: 0.1 };
      const m = new Array<number>(SIZE).fill(0);
      const v = new Array<number>(SIZE).fill(0);
      const norm = (x: number[]): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
      const next = (p: number[], grad: Float32Array, t: number): number[] => {
        const u = p.map((value, i) => {
          m[i] = 0.9 * m[i] + 0.1 * grad[i];
          v[i] = 0.99 * v[i] + 0.01 * grad[i] ** 2;
          return m[i] / (1 - 0.9 ** t) / (Math.sqrt(v[i] / (1 - 0.99 ** t)) + 1e-3) + 0.1 * value;
        });
        const ratio = norm(p) / norm(u);
        return p.map((value, i) => value - 0.02 * ratio * u[i]);
      };
      expectPaths(paths((p) => new LAMB([p], options), next));
    });
  });
});

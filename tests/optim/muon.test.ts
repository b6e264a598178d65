import { describe, expect, it } from 'vitest';
import { Linear } from '../../src/layers/linear.js';
import { memoryInfo } from '../../src/memory/memory.js';
import { createModel } from '../../src/models/index.js';
import { AdamW } from '../../src/optim/adamw.js';
import { CombinedOptimizer } from '../../src/optim/combinedOptimizer.js';
import { Muon, type MuonOptions } from '../../src/optim/muon.js';
import { orthogonalize } from '../../src/optim/newtonSchulz.js';
import { muonParameters } from '../../src/optim/parameterGroups.js';
import { SGD } from '../../src/optim/sgd.js';
import { Parameter } from '../../src/tensor/parameter.js';
import { Tensor } from '../../src/tensor/tensor.js';
import { normals } from '../../testing/arbitraries.js';
import { giveGradient } from '../../testing/optimizers.js';
import { tables, withTable } from '../../testing/tables.js';
import { expectClose } from '../../testing/tolerance.js';

type Matrix = number[][];
const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, v, k) => sum + v * b[k][j], 0)));
const turned = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));
const plus = (s: number, a: Matrix, t: number, b: Matrix): Matrix =>
  a.map((row, i) => row.map((v, j) => s * v + t * b[i][j]));
const norm = (a: Matrix): number => Math.hypot(...a.flat());
const matrix = (values: ArrayLike<number>, columns: number): Matrix =>
  Array.from({ length: values.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => values[i * columns + j]),
  );

/** Newton-Schulz in doubles, the quintic written with X X^T whatever the shape: (X X^T) X = X (X^T X). */
function quintic(g: Matrix, steps: number): Matrix {
  let x = g.map((row) => row.map((v) => v / (norm(g) + 1e-7)));
  for (let step = 0; step < steps; step++) {
    const square = times(x, turned(x));
    const both = plus(-4.775, square, 2.0315, times(square, square));
    x = plus(3.4445, x, 1, times(both, x));
  }
  return x;
}

describe.each(tables)('Newton-Schulz (%s)', (_, table) => {
  it.each([
    [4, 9],
    [9, 4],
    [5, 5],
    [1, 7],
  ])('of %i x %i equals the quintic in doubles', (rows, columns) => {
    withTable(table, () => {
      const x = Tensor.from(normals(rows * columns, 'x'), [rows, columns]);
      const exact = quintic(matrix(x.data, columns), 5);
      orthogonalize(x, rows, columns, 5);
      // Each iteration multiplies an error by at most the slope 3.4445 of the polynomial, and adds rounding of three products.
      expectClose(x.data, exact.flat(), 3.4445 ** 5 * 3 * (rows + columns) * 2 ** -24);
    });
  });

  it('makes singular values of about 1: X X^T is nearly the identity', () => {
    withTable(table, () => {
      const x = Tensor.from(normals(8 * 40, 'x'), [8, 40]);
      orthogonalize(x, 8, 40, 5);
      const product = times(matrix(x.data, 40), turned(matrix(x.data, 40)));
      for (let i = 0; i < 8; i++) {
        expect(product[i][i]).toBeGreaterThan(0.4);
        expect(product[i][i]).toBeLessThan(1.5);
      }
    });
  });
});

describe.each(tables)('Muon (%s)', (_, table) => {
  it.each<Partial<MuonOptions>>([
    {},
    { nesterov: false, momentum: 0.5 },
    { momentum: 0.6, iterations: 3, normalizeWeights: true, scaleByShape: false },
    { weightDecay: 0.1 },
  ])('five steps in doubles: %o', (options) => {
    withTable(table, () => {
      const { momentum = 0.95, nesterov = true, iterations = 5, weightDecay = 0 } = options;
      const [rows, columns] = [12, 4];
      const rate = 0.1;
      const p = new Parameter(normals(rows * columns, 'p'), [rows, 1, 2, 2]);
      const optimizer = new Muon([p], { learningRate: rate, ...options });
      let exact = matrix(p.data, columns);
      let buffer = exact.map((row) => row.map(() => 0));
      for (let t = 0; t < 5; t++) {
        const grad = normals(rows * columns, `gradient ${t}`);
        giveGradient(p, grad);
        optimizer.step();
        const g = matrix(grad, columns);
        buffer = plus(momentum, buffer, 1, g);
        const u = quintic(nesterov ? plus(1, g, momentum, buffer) : buffer, iterations);
        const kept = (1 - rate * weightDecay) * (options.normalizeWeights ? Math.sqrt(rows) / norm(exact) : 1);
        const scale = options.scaleByShape === false ? 1 : Math.sqrt(rows / columns);
        exact = plus(kept, exact, -rate * scale, u);
        // Steps of 0.1 times what the test above allows, five of them, and the rounding of the weights.
        expectClose(p.data, exact.flat(), 5 * 0.2 * 3.4445 ** 5 * 3 * 16 * 2 ** -24, `step ${t + 1}`);
      }
    });
  });

  it('leaves no memory behind but its momentum', () => {
    withTable(table, () => {
      const p = new Parameter(normals(16, 'p'), [4, 4]);
      const optimizer = new Muon([p]);
      const step = (): void => {
        giveGradient(p, normals(16, 'g'));
        optimizer.step();
      };
      step();
      const before = memoryInfo().liveBytes;
      step();
      expect(memoryInfo().liveBytes).toBe(before);
    });
  });
});

it('Muon refuses parameters without a matrix', () => {
  expect(() => new Muon([new Parameter([1, 2])])).toThrow('Muon: a parameter has shape [2], but Muon needs weights');
  expect(() => new Muon([new Parameter([1], [1, 1])], { momentum: 1 })).toThrow('Muon: momentum is 1');
});

describe('muonParameters and CombinedOptimizer', () => {
  it('filters are hidden, the last linear weight is the head, the rest are others', () => {
    const model = createModel('airbench91');
    const { hidden, head, others } = muonParameters(model);
    const names = new Map([...model.namedParameters()].map(([name, p]) => [p, name]));
    expect(head.map((p) => names.get(p))).toEqual(['head.weight']);
    expect(hidden.every((p) => p.shape.length === 4)).toBe(true);
    expect(hidden).toHaveLength(6);
    expect(others.map((p) => names.get(p))).toContain('whiten.bias');
    expect(hidden.length + head.length + others.length).toBe(
      [...model.parameters()].filter((p) => p.requiresGrad).length,
    );
  });

  function pair(): { layer: Linear; optimizer: CombinedOptimizer } {
    const layer = new Linear(3, 2);
    layer.weight.data.set([1, 2, 3, 4, 5, 6]);
    layer.bias?.data.set([1, 1]);
    const parts = [
      new Muon([layer.weight], { learningRate: 0.5 }),
      new AdamW([layer.bias as Parameter], { learningRate: 0.1 }),
    ];
    return { layer, optimizer: new CombinedOptimizer(parts) };
  }
  const step = ({ layer, optimizer }: ReturnType<typeof pair>, t: number): void => {
    giveGradient(layer.weight, normals(6, `w${t}`));
    giveGradient(layer.bias as Parameter, normals(2, `b${t}`));
    optimizer.step();
  };

  it('steps like its parts, and one learning rate moves both', () => {
    const whole = pair();
    whole.optimizer.learningRate = 0.25;
    expect(whole.optimizer.parts.map((part) => part.learningRate)).toEqual([0.25, 0.05]);
    const alone = pair();
    for (const part of alone.optimizer.parts) part.learningRate /= 2;
    for (let t = 0; t < 3; t++) {
      step(whole, t);
      giveGradient(alone.layer.weight, normals(6, `w${t}`));
      giveGradient(alone.layer.bias as Parameter, normals(2, `b${t}`));
      for (const part of alone.optimizer.parts) part.step();
    }
    expect([...whole.layer.weight.data]).toEqual([...alone.layer.weight.data]);
    expect([...(whole.layer.bias as Parameter).data]).toEqual([...(alone.layer.bias as Parameter).data]);
  });

  it('saved and loaded, it goes on with the same bytes', () => {
    const whole = pair();
    for (let t = 0; t < 2; t++) step(whole, t);
    const again = pair();
    const state = whole.optimizer.stateDict();
    again.layer.loadStateDict(whole.layer.stateDict());
    again.optimizer.loadStateDict(state);
    for (let t = 2; t < 4; t++) for (const one of [whole, again]) step(one, t);
    expect([...again.layer.weight.data]).toEqual([...whole.layer.weight.data]);
    expect([...(again.layer.bias as Parameter).data]).toEqual([...(whole.layer.bias as Parameter).data]);
  });

  it('starts with the rates that a loaded state has, to the last bit', () => {
    const [first, second] = [new Parameter([1]), new Parameter([1])];
    const make = (): CombinedOptimizer =>
      new CombinedOptimizer([new SGD([first], { learningRate: 0.003 }), new SGD([second], { learningRate: 0.007 })]);
    expect((0.007 / 0.003) * 0.003).not.toBe(0.007);
    const [fresh, loaded] = [make(), make()];
    loaded.loadStateDict(fresh.stateDict());
    expect(loaded.parts.map((part) => part.learningRate)).toEqual(fresh.parts.map((part) => part.learningRate));
  });

  it('refuses the state of others, and shared parameters', () => {
    const { optimizer, layer } = pair();
    const other = new CombinedOptimizer([new SGD(layer.parameters(), { learningRate: 1 })]);
    expect(() => optimizer.loadStateDict(other.stateDict())).toThrow(
      'it was saved by CombinedOptimizer(SGD), this is CombinedOptimizer(Muon, AdamW). Nothing was loaded.',
    );
    const state = optimizer.stateDict();
    const changed: [object, string][] = [
      [{ groups: [...state.groups, state.groups[0]] }, 'it has 3 groups, here are 2'],
      [{ steps: [...state.steps, 0] }, 'it counts the steps of 3 parameters, here are 2'],
      [{ tensors: new Map([['7/0.mean', { shape: [1], data: Float32Array.of(1) }]]) }, "the tensor '7/0.mean' belongs"],
      [{ steps: null }, 'it needs groups, steps and tensors'],
    ];
    for (const [change, problem] of changed) {
      expect(() => optimizer.loadStateDict({ ...state, ...change })).toThrow(problem);
    }
    expect(() => new CombinedOptimizer([new Muon([layer.weight]), new SGD([layer.weight])])).toThrow(
      'belongs to two optimizers',
    );
    expect(() => new CombinedOptimizer([])).toThrow('there are no optimizers');
  });
});

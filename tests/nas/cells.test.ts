import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { summary } from '../../src/debug/summary.js';
import { withMode } from '../../src/layers/withMode.js';
import {
  CELL_COUNT,
  CELL_OPERATIONS,
  type Cell,
  CellNetwork,
  cellAt,
  cellIndex,
  cellOf,
  cellSpace,
  encodeCell,
  formatCell,
  gradientNormScore,
  jacobianCovarianceScore,
  mutateCell,
  neighborsOf,
  parseCell,
  synflowScore,
} from '../../src/nas/index.js';
import { countAtMost } from '../../src/study/configurations.js';
import { scope } from '../../src/tensor/scope.js';
import { Tensor } from '../../src/tensor/tensor.js';

const cell = parseCell(
  '|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_3x3~1|skip_connect~2|',
);
const tiny = { channels: 4, cells: 1 };
const images = (count: number): Tensor => {
  const random = new RandomStream('images');
  return Tensor.from(
    Array.from({ length: count * 3 * 64 }, () => random.normal()),
    [count, 3, 8, 8],
  );
};

describe('cells', () => {
  const anyCell = fc.nat(CELL_COUNT - 1).map(cellAt);

  test('are 15,625, as many as the space has points', () => {
    expect(CELL_COUNT).toBe(15_625);
    expect(countAtMost(cellSpace(), 1e5)).toBe(15_625);
  });

  test('survive their text, their index and their configuration', () => {
    fc.assert(
      fc.property(anyCell, (cell) => {
        expect(parseCell(formatCell(cell))).toEqual(cell);
        expect(cellAt(cellIndex(cell))).toEqual(cell);
        const config = Object.fromEntries(Object.keys(cellSpace()).map((name, i) => [name, cell[i]]));
        expect(cellOf(config)).toEqual(cell);
      }),
    );
  });

  test('differ from their mutations and 24 neighbors in one edge', () => {
    const distance = (a: Cell, b: Cell): number => a.filter((operation, i) => operation !== b[i]).length;
    fc.assert(
      fc.property(anyCell, fc.string(), (cell, seed) => {
        expect(distance(cell, mutateCell(cell, new RandomStream(seed)))).toBe(1);
        const near = neighborsOf(cell);
        expect(new Set(near.map(cellIndex)).size).toBe(24);
        expect(near.every((each) => distance(cell, each) === 1)).toBe(true);
      }),
    );
  });

  test('are encoded by a 1 for each edge', () => {
    expect(encodeCell(cell).filter((x) => x === 1)).toHaveLength(6);
    expect(encodeCell(cell).slice(0, 5)).toEqual(CELL_OPERATIONS.map((operation) => Number(operation === cell[0])));
  });

  test.each([
    '',
    'none',
    '|none~0|+|none~0|none~1|',
    formatCell(cell).replace('~2', '~1'),
    formatCell(cell).replace('skip', 'ship'),
  ])('refuse the text %j', (text) =>
    expect(() => parseCell(text)).toThrow(/is no cell. A cell is a text such as \|none~0\|/),
  );
});

describe('the network of a cell', () => {
  test('has the parameters and multiply-adds of the benchmark', () => {
    // Stem, 3 convolutions in each of 15 cells, two reductions, last norm, classifier: the 0.802426 M of NAS-Bench-201's API.
    expect(summary(new CellNetwork(cell), [1, 3, 32, 32])).toMatchObject({ params: 802_426 });
  });

  test('gives logits for every kind of cell', () => {
    const indices = [0, CELL_COUNT - 1, 7, 1234, 5000, 9999, cellIndex(cell)];
    for (const model of indices.map((index) => new CellNetwork(cellAt(index), tiny))) {
      scope(() => expect(withMode(model, 'eval', () => model.forward(images(2))).shape).toEqual([2, 10]));
    }
  });

  test('leaves out edges that lead nowhere', () => {
    const dead = parseCell('|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|');
    const model = new CellNetwork(dead, tiny);
    expect([...model.namedParameters()].filter(([name]) => name.includes('edge'))).toEqual([]);
  });
});

describe('scores without training', () => {
  const deep = parseCell(
    '|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|',
  );
  const flat = parseCell('|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|');

  test('SynFlow prefers a cell with more ways, and leaves the weights as they were', () => {
    const model = new CellNetwork(deep, tiny);
    const before = [...model.parameters()].map(({ data }) => [...data]);
    const score = synflowScore(model, [3, 8, 8]);
    expect([...model.parameters()].map(({ data }) => [...data])).toEqual(before);
    expect(score).toBeGreaterThan(synflowScore(new CellNetwork(flat, tiny), [3, 8, 8]));
  });

  test('SynFlow is the product over layers, for a chain of one weight per layer', () => {
    // Of the classifier alone, the sum over |w * g| is the sum of |w| * the pooled ones and the biases.
    const model = new CellNetwork(flat, tiny);
    const { weight, bias } = model.classifier;
    weight.data.fill(-2);
    (bias as Tensor).data.fill(0);
    const once = synflowScore(model, [3, 8, 8]);
    weight.data.fill(4);
    // Each parameter's part is linear in every layer that it flows through.
    expect(synflowScore(model, [3, 8, 8]) - once).toBeCloseTo(Math.log(2), 4);
  });

  test('Jacobian covariance is largest for images that are treated differently', () => {
    const model = new CellNetwork(deep, tiny);
    const x = images(4);
    const same = Tensor.from(
      [...x.data.slice(0, 192), ...x.data.slice(0, 192), ...x.data.slice(192, 576)],
      [4, 3, 8, 8],
    );
    const statistics = [...model.namedBuffers()].map(([, { data }]) => [...data]);
    expect(jacobianCovarianceScore(model, x)).toBeGreaterThan(jacobianCovarianceScore(model, same) + 1000);
    expect([...model.namedBuffers()].map(([, { data }]) => [...data])).toEqual(statistics);
    expect(() => jacobianCovarianceScore(model, images(1))).toThrow(/x has 1 image, but needs 2 or more/);
  });

  test('the gradient norm grows with the loss of a confident mistake', () => {
    const model = new CellNetwork(deep, tiny);
    const { weight, bias } = model.classifier;
    weight.data.fill(0);
    (bias as Tensor).data.set([9, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(gradientNormScore(model, images(2), [1, 1])).toBeGreaterThan(
      10 * gradientNormScore(model, images(2), [0, 0]),
    );
  });
});

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { type Conv2dOptions, conv2dGeometry } from '../../../src/kernels/geometry.js';
import { algorithm } from '../../../src/kernels/simd/conv/conv2d.js';
import { type Cut, cut, type Work } from '../../../src/kernels/simd/conv/cut.js';
import { simd } from '../../../src/kernels/tables.js';
import { configurePrograms, defaultThreads } from '../../../src/wasm/program.js';
import { normals } from '../../../testing/arbitraries.js';
import { onHeap } from '../../../testing/onHeap.js';

afterAll(() => configurePrograms({ threads: defaultThreads() }));

const works: fc.Arbitrary<Work> = fc.record({
  planes: fc.integer({ min: 1, max: 9 }),
  lines: fc.integer({ min: 1, max: 400 }),
  mostLines: fc.integer({ min: 1, max: 64 }),
  rows: fc.integer({ min: 1, max: 1024 }),
  rowStep: fc.constantFrom(4, 6),
  lineCost: fc.constantFrom(3, 6),
  rowCost: fc.constantFrom(0.5, 1.5),
});

const threads = fc.integer({ min: 1, max: 64 });

/** What the busiest thread has to do, in terms of a row's share of a line. */
function busiest(w: Work, c: Cut, threads: number): number {
  const rows = Math.min(w.rows, c.rangeRows);
  const unit = c.blockLines * (w.lineCost + rows) + w.rowCost * rows;
  return Math.ceil((w.planes * c.blocks * c.ranges) / threads) * unit;
}

describe('cut', () => {
  test('units cover every line and every row once, within the bounds', () => {
    fc.assert(
      fc.property(works, threads, (work, threads) => {
        const c = cut(work, threads);
        expect(c.blockLines).toBeLessThanOrEqual(work.mostLines);
        expect(c.rangeRows % work.rowStep).toBe(0);
        // The last block and the last range have something, and nothing is left behind them.
        expect((c.blocks - 1) * c.blockLines).toBeLessThan(work.lines);
        expect(c.blocks * c.blockLines).toBeGreaterThanOrEqual(work.lines);
        expect((c.ranges - 1) * c.rangeRows).toBeLessThan(work.rows);
        expect(c.ranges * c.rangeRows).toBeGreaterThanOrEqual(work.rows);
      }),
    );
  });

  test('the busiest of several threads never has more to do than with blocks alone', () => {
    fc.assert(
      fc.property(works, threads, (work, threads) => {
        const blocks = cut(work, 1);
        expect(blocks.ranges).toBe(1);
        expect(busiest(work, cut(work, threads), threads)).toBeLessThanOrEqual(busiest(work, blocks, threads));
      }),
    );
  });

  test('a small map with many channels is cut by channels, a large one with few by lines', () => {
    const costs = { planes: 1, rowStep: 4, lineCost: 6, rowCost: 0.5 };
    expect(cut({ ...costs, lines: 7, mostLines: 16, rows: 512 }, 2)).toMatchObject({ blocks: 1, ranges: 2 });
    expect(cut({ ...costs, lines: 392, mostLines: 400, rows: 8 }, 2)).toMatchObject({ blocks: 2, ranges: 1 });
  });
});

describe('one image convolved on 1, 2, 3 and 8 threads: the same bits', () => {
  const cases: [string, number, number[], Conv2dOptions][] = [
    ['winograd4', 33, [40, 33, 3, 3], { padding: 1 }],
    ['winograd2', 96, [96, 96, 3, 3], { padding: 1 }],
    ['columns', 160, [90, 160, 1, 1], {}],
    ['columns', 48, [70, 24, 3, 3], { padding: 1, stride: 2, groups: 2 }],
    ['winograd2x5', 200, [33, 200, 5, 5], { padding: 2 }],
    ['columns', 200, [33, 200, 5, 5], { padding: 5 }],
  ];
  test.each(cases)('%s, %i channels, filters %j', (name, channels, w, options) => {
    const size = name === 'winograd4' ? 29 : name === 'winograd2' ? 7 : 9;
    const g = conv2dGeometry('test', [1, channels, size, size], w, options);
    expect(algorithm('forward', g)).toBe(name);
    const table = onHeap(simd);
    const [x, weights] = [normals(channels * size * size, 'x'), normals(w[0] * w[1] * w[2] * w[3], 'w')];
    const dy = normals(g.outChannels * g.outHeight * g.outWidth, 'dy');
    const [one, ...others] = [1, 2, 3, 8].map((threads) => {
      configurePrograms({ threads });
      const scratch = (pass: 'forward' | 'backwardInput') =>
        new Float32Array(table.conv2dWorkspace(pass, g)).fill(Number.NaN);
      const [y, dx] = [new Float32Array(dy.length), new Float32Array(x.length)];
      table.conv2d(y, x, weights, null, g, scratch('forward'));
      table.conv2dBackwardInput(dx, dy, weights, g, scratch('backwardInput'));
      return Buffer.concat([Buffer.from(y.buffer), Buffer.from(dx.buffer)]);
    });
    expect(one.some((byte) => byte !== 0)).toBe(true);
    for (const other of others) expect(other.equals(one)).toBe(true);
  });
});

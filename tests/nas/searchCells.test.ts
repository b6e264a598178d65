import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import {
  CELL_COUNT,
  type Cell,
  cellAt,
  formatCell,
  parseCellTable,
  searchCells,
  tableLookup,
} from '../../src/nas/index.js';
import { memoryJournal } from '../../src/study/index.js';

/**
 * A made-up accuracy on the scale of CIFAR-100: it grows with the depth of the four ways through the cell, with less and less gain; pooling and a
 * lack of short cuts cost some; a cell without a way guesses. A part of 0.4 is chance, as between trainings.
 */
function accuracy(cell: Cell, index: number): number {
  const depth = { none: 0, skip_connect: 0, avg_pool_3x3: 0.1, nor_conv_1x1: 0.5, nor_conv_3x3: 1 };
  const ways = [[3], [0, 4], [1, 5], [0, 2, 5]].filter((way) => way.every((edge) => cell[edge] !== 'none'));
  if (ways.length === 0) return 1;
  const capacity = ways.reduce((sum, way) => sum + Math.sqrt(way.reduce((d, edge) => d + depth[cell[edge]], 0)), 0);
  const hasShortcut = ways.some((way) => way.every((edge) => cell[edge] === 'skip_connect'));
  const pools = cell.filter((operation) => operation === 'avg_pool_3x3').length;
  const chance = 0.4 * new RandomStream(`chance/${index}`).normal();
  return 74 - 22 * Math.exp(-0.55 * capacity) - (hasShortcut ? 0 : 1.2) - 0.5 * pools + chance;
}

const cells = Array.from({ length: CELL_COUNT }, (_, i) => cellAt(i));
const text = `# made up\n${cells.map((cell, i) => `${formatCell(cell)},${accuracy(cell, i).toFixed(3)}`).join('\n')}\n`;

describe('a search on a table of all cells', () => {
  const table = parseCellTable(text);

  test('with 100 cells, over 30 seeds, evolution is 0.3 points above random search', { timeout: 120_000 }, async () => {
    const before = process.cpuUsage();
    const search = await searchCells(tableLookup(table), { budget: 100, seeds: 30 });
    const { user, system } = process.cpuUsage(before);
    console.log(`${search}\n${((user + system) / 1e6).toFixed(1)} s of processor time`);
    expect(search.meanBest - search.meanRandom).toBeGreaterThan(0.3);
    expect(Math.max(...table.values())).toBeGreaterThanOrEqual(Math.max(...search.found.map(({ value }) => value)));
    expect((user + system) / 1e6).toBeLessThan(10);
  });

  test('prints random search beside itself, and goes on from its journals', async () => {
    const journals = new Map<string, ReturnType<typeof memoryJournal>>();
    const journal = (name: string) => {
      const found = journals.get(name) ?? memoryJournal();
      journals.set(name, found);
      return found;
    };
    const first = await searchCells(tableLookup(table), { budget: 5, journal });
    expect(String(first)).toMatch(
      /^evolution +[\d.]+ with 5 cells; the best .*\nrandom +[\d.]+ with 5 cells; the best /,
    );
    expect([...journals.keys()]).toEqual(['evolution-0', 'random-0']);
    const again = await searchCells(() => expect.unreachable('nothing is left to evaluate'), { budget: 5, journal });
    expect(String(again)).toBe(String(first));
  });

  test('evaluates no cell twice', async () => {
    const seen: string[] = [];
    const evaluate = (cell: Cell): number => {
      seen.push(formatCell(cell));
      return tableLookup(table)(cell);
    };
    await searchCells(evaluate, { budget: 40, seeds: 2 });
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('a table that makes no sense', () => {
  const line = text.split('\n')[1];

  test.each([
    ['', /the table has no cells/],
    [`${line}\n${line}`, /line 2 has the cell \|none~0\|.* for the second time/],
    ['hello', /line 1 is 'hello', but must be a cell, a comma and a number/],
    [`${line}\n|none~0|,5`, /line 2: parseCell: '\|none~0\|' is no cell/],
  ])('%j', (text, message) => expect(() => parseCellTable(text)).toThrow(message));

  test('lacks a cell', () => {
    expect(() => tableLookup(parseCellTable(line))(cellAt(1))).toThrow(/the table of 1 cells lacks \|none~0\|/);
  });
});

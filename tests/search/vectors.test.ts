import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { NeighborGraph } from '../../src/search/hnsw/graph.js';
import { Best } from '../../src/search/vectors/best.js';
import { dotOfRows, readRow, rowFormat, writeRow } from '../../src/search/vectors/rowFormat.js';
import { VectorRows } from '../../src/search/vectors/vectorRows.js';

function drawnVectors(count: number, dimension: number, seed: string): Float32Array[] {
  const random = new RandomStream(seed);
  return Array.from({ length: count }, () => {
    const vector = Float32Array.from({ length: dimension }, (_, i) => random.normal() / (1 + i / 4));
    const length = Math.hypot(...vector);
    return vector.map((value) => value / length);
  });
}

function exactTop(rows: VectorRows, query: Float32Array, count: number): number[] {
  rows.setQuery(query);
  const best = new Best(count);
  rows.compareAll((first, scores) => {
    for (let i = 0; i < scores.length; i++) best.add(first + i, scores[i]);
  });
  return best.take().map(({ id }) => id);
}

describe('rows', () => {
  test('a vector of small whole numbers is kept as it is', () => {
    const format = rowFormat('int8', 3);
    const row = new Uint8Array(format.stride);
    writeRow(format, row, [127, -64, 1]);
    expect([...readRow(format, row)]).toEqual([127, -64, 1]);
    expect(dotOfRows(format, row, row)).toBe(127 * 127 + 64 * 64 + 1);
  });

  test.each(['int8', 'float32'] as const)('the programs for %s give what the definition gives', (precision) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 40 }), (dimension, count) => {
        const vectors = drawnVectors(count + 1, dimension, `${dimension} ${count}`);
        const rows = new VectorRows(precision, dimension);
        for (const vector of vectors) rows.push(vector);
        const query = Uint8Array.from(rows.row(count));
        rows.setQuery(vectors[count]);
        const expected = vectors.map((_, i) => dotOfRows(rows.format, query, Uint8Array.from(rows.row(i))));
        const all: number[] = [];
        rows.compareAll((_, scores) => all.push(...scores));
        const ids = Int32Array.from(vectors.keys()).reverse();
        const some = [...rows.compareSome(-1, ids, ids.length)].reverse();
        const asRow = [...rows.compareSome(count, ids, ids.length)].reverse();
        for (const [i, value] of expected.entries()) {
          for (const found of [all[i], some[i], asRow[i]]) expect(found).toBeCloseTo(value, 5);
        }
        rows.release();
      }),
      { numRuns: 15 },
    );
  });

  test('int8 changes cosines little', () => {
    const vectors = drawnVectors(50, 256, 'cosines');
    const [exact, short] = [new VectorRows('float32', 256), new VectorRows('int8', 256)];
    for (const vector of vectors) {
      exact.push(vector);
      short.push(vector);
    }
    const ids = Int32Array.from(vectors.keys());
    for (const i of ids) {
      const a = [...exact.compareSome(i, ids, ids.length)];
      const b = [...short.compareSome(i, ids, ids.length)];
      for (const k of ids) expect(Math.abs(a[k] - b[k])).toBeLessThan(0.012);
    }
  });
});

describe('the best of many', () => {
  test('are those that sorting gives', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer({ min: 0, max: 8 }), (scores, count) => {
        const best = new Best(count);
        for (const [id, score] of scores.entries()) best.add(id, score);
        const expected = [...scores].sort((a, b) => b - a).slice(0, count);
        expect(best.take().map(({ score }) => score)).toEqual(expected);
      }),
    );
  });
});

describe('the graph', () => {
  const dimension = 24;
  const vectors = drawnVectors(1500, dimension, 'graph');
  const rows = new VectorRows('int8', dimension);
  const graph = new NeighborGraph(rows, { links: 8, effort: 60 });
  for (const vector of vectors) {
    rows.push(vector);
    graph.add();
  }
  const queries = drawnVectors(40, dimension, 'queries');
  const recall = (searched: NeighborGraph, effort: number): number => {
    let hits = 0;
    for (const query of queries) {
      const truth = new Set(exactTop(rows, query, 10));
      rows.setQuery(query);
      for (const { id } of searched.search(10, effort)) if (truth.has(id)) hits++;
    }
    return hits / (10 * queries.length);
  };

  test('finds nearly all near neighbors, and more with more effort', () => {
    expect(recall(graph, 100)).toBeGreaterThan(0.97);
    expect(recall(graph, 10)).toBeLessThan(recall(graph, 200));
  });

  test('finds those that are allowed, through those that are not', () => {
    rows.setQuery(queries[0]);
    const found = graph.search(5, 100, (id) => id % 10 === 3);
    expect(found).toHaveLength(5);
    expect(found.every(({ id }) => id % 10 === 3)).toBe(true);
  });

  test('is the same after it was written and read', () => {
    const { ground, starts, upper, ...head } = graph.toArrays();
    const copy = { ground: ground.slice(), starts: starts.slice(), upper: upper.slice(), ...head };
    const again = NeighborGraph.fromArrays(rows, copy);
    rows.setQuery(queries[1]);
    const before = graph.search(10, 50);
    expect(again.search(10, 50)).toEqual(before);
  });

  test('has no result before it has a node', () => {
    expect(new NeighborGraph(new VectorRows('int8', 4)).search(3, 10)).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LinearGeometry } from '../../src/kernels/contracts/matrix.js';
import type { Kernels } from '../../src/kernels/tables.js';
import { reference } from '../../src/kernels/tables.js';
import { seed, wholes } from '../../testing/arbitraries.js';
import { tables } from '../../testing/tables.js';

interface Arrays {
  x: Float32Array;
  w: Float32Array;
  b: Float32Array | null;
  dy: Float32Array;
}

/** All four passes; the backward ones add to ones. */
function run(table: Kernels, g: LinearGeometry, { x, w, b, dy }: Arrays) {
  const scratch = (pass: 'forward' | 'backwardInput' | 'backwardWeight'): Float32Array =>
    new Float32Array(table.linearWorkspace(pass, g)).fill(Number.NaN);
  const y = new Float32Array(dy.length).fill(Number.NaN);
  const dx = new Float32Array(x.length).fill(1);
  const dw = new Float32Array(w.length).fill(1);
  const db = new Float32Array(g.outFeatures).fill(1);
  table.linear(y, x, w, b, g, scratch('forward'));
  table.linearBackwardInput(dx, dy, w, g, scratch('backwardInput'));
  table.linearBackwardWeight(dw, dy, x, g, scratch('backwardWeight'));
  table.linearBackwardBias(db, dy, g);
  return { y, dx, dw, db };
}

describe.each(tables)('linear kernels, %s', (_, table) => {
  test('two rows, three features, two outputs, by hand', () => {
    const { y, dx, dw, db } = run(
      table,
      { batch: 2, inFeatures: 3, outFeatures: 2 },
      {
        x: Float32Array.of(1, 2, 3, 4, 5, 6),
        w: Float32Array.of(1, 0, 0, 1, 1, 1),
        b: Float32Array.of(10, 20),
        dy: Float32Array.of(1, 0, 0, 2),
      },
    );
    expect([...y]).toEqual([11, 26, 14, 35]);
    expect([...dx]).toEqual([2, 1, 1, 3, 3, 3]);
    expect([...dw]).toEqual([2, 3, 4, 9, 11, 13]);
    expect([...db]).toEqual([2, 3]);
  });

  test('agrees exactly with the reference on whole numbers, empty batches included', () => {
    const size = fc.integer({ min: 0, max: 19 });
    fc.assert(
      fc.property(size, size, size, fc.boolean(), seed, (batch, inFeatures, outFeatures, bias, number) => {
        const g = { batch, inFeatures, outFeatures };
        const arrays = {
          x: wholes(batch * inFeatures, `x${number}`),
          w: wholes(outFeatures * inFeatures, `w${number}`),
          b: bias ? wholes(outFeatures, `b${number}`) : null,
          dy: wholes(batch * outFeatures, `dy${number}`),
        };
        expect(run(table, g, arrays)).toEqual(run(reference, g, arrays));
      }),
      { numRuns: 200 },
    );
  });
});

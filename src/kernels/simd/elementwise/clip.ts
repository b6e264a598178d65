import type { Floats } from '../../../memory/memory.js';
import { Program } from '../../../wasm/program.js';
import { F64, type I32 } from '../../../wasm/scalars.js';
import { scratch } from '../../../wasm/scratch.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { defineMaps, map, mapRuns } from './map.js';
import { DoubleSums, emitVectors, onlyRow } from './rows.js';

/** Floats whose squares make one partial sum: whatever the number of threads, so that the sum has the same bits. */
const BLOCK = 16_384;

const functions = {
  clamp: map({ reads: ['x'], writes: ['y'] }, ['limit'], (_f, { x }, { limit }) => ({
    y: x.pmax(limit.neg()).pmin(limit),
  })),
};
const squaresParameters = { partials: 'i32', x: 'i32', length: 'i32' } as const;
const rootParameters = { norm: 'i32', partials: 'i32', blocks: 'i32' } as const;

const program = new Program('clip', (module) => {
  defineMaps(module, functions);

  // (1) the sum of squares of each block, in doubles: the product of two floats is exact there
  module.func('squares', { ...squaresParameters, ...span }, (f, p) => {
    const sums = [new DoubleSums(f), new DoubleSums(f)];
    f.loop(p.begin, p.end, 1, (block) => {
      const first = f.let(block.mul(BLOCK));
      const from = f.let(p.x.add(first.mul(4)));
      for (const sum of sums) sum.reset();
      const add = (at: I32, offset: number, rest: I32 | null): void => {
        const x = f.let(onlyRow(F32x4.load(f.let(from.add(at)), offset), 0, rest));
        sums[(offset >> 4) & 1].addProduct(x, x);
      };
      emitVectors(f, f.let(p.length.sub(first).min(BLOCK)), add, 2);
      sums[0].merge(sums[1]);
      f.store(p.partials.add(block.mul(8)), sums[0].total());
    });
  });

  // (2) the root of their sum
  module.func('root', { ...rootParameters, ...span }, (f, p) => {
    const sum = f.let(F64.of(0));
    f.loop(0, p.blocks, 1, (i) => sum.set(sum.add(F64.load(p.partials.add(i.mul(8))))));
    f.store(p.norm, sum.sqrt().toF32());
  });
});

const maps = mapRuns(program, functions);
const squares = program.entry('squares', squaresParameters);
const root = program.entry('root', rootParameters);

/** Numerics: squares and sums in doubles, rounded once: within 1 ulp, and neither overflow nor underflow in between. */
export function l2Norm(norm: Floats, x: Floats): void {
  const { length } = x;
  const blocks = Math.ceil(length / BLOCK);
  // Before the scratch area grows the memory, which may detach the arrays.
  const [to, from] = [norm.byteOffset, x.byteOffset];
  const partials = scratch(8 * blocks);
  squares.run({ partials, x: from, length }, blocks, 1);
  root.run({ norm: to, partials, blocks }, 1, 1);
}

export function clamp(y: Floats, x: Floats, limit: number): void {
  maps.clamp({ x, y, limit });
}

import type { FunctionBuilder } from '../../wasm/function.js';
import type { ModuleBuilder } from '../../wasm/module.js';
import { Program } from '../../wasm/program.js';
import { F32, I32 } from '../../wasm/scalars.js';
import { span } from '../../wasm/span.js';
import { F32x4, I32x4 } from '../../wasm/vectors.js';

/** Numbers that one turn of a loop takes. Rows have a multiple of these, with zeros at the end. */
export const TURN = 16;
/** Rows that are compared with the query at a time: each part of the query is then loaded once for all of them. */
const ROWS = 4;

/** How the numbers of a row are multiplied by those of the query, which is a row itself. */
interface Format {
  readonly name: 'Int8' | 'Float32';
  /** Bytes of a number. */
  readonly bytes: 1 | 4;
  /** y[r] = the sum of products of the query and the row at pointer r. */
  dots(f: FunctionBuilder, query: I32, rows: readonly I32[], turns: I32): F32[];
}

const load = (pointer: I32, offset = 0): I32x4 => F32x4.load(pointer, offset).bits();

/** Bytes become numbers of 16 bits, whose products are summed in 32: exact for up to 131,072 numbers. The scale of a row follows its numbers. */
const int8: Format = {
  name: 'Int8',
  bytes: 1,
  dots(f, query, rows, turns) {
    const sums = rows.map(() => f.variable('i32x4'));
    for (const sum of sums) sum.set(I32x4.of(0));
    const at = f.let(query.add(0));
    const pointers = rows.map((row) => f.let(row.add(0)));
    f.loop(0, turns, 1, () => {
      const part = f.let(load(at));
      const [low, high] = [f.let(part.extendSignedBytes(0)), f.let(part.extendSignedBytes(1))];
      for (const [r, pointer] of pointers.entries()) {
        const x = f.let(load(pointer));
        sums[r].set(sums[r].add(x.extendSignedBytes(0).dot16(low)).add(x.extendSignedBytes(1).dot16(high)));
        pointer.set(pointer.add(TURN));
      }
      at.set(at.add(TURN));
    });
    const scale = f.let(F32.load(at));
    return sums.map((sum, r) => {
      const total = sum.lane(0).add(sum.lane(1)).add(sum.lane(2)).add(sum.lane(3)).toF32();
      return total.mul(F32.load(pointers[r])).mul(scale);
    });
  },
};

const float32: Format = {
  name: 'Float32',
  bytes: 4,
  dots(f, query, rows, turns) {
    const sums = rows.map(() => f.variable('f32x4'));
    for (const sum of sums) sum.set(F32x4.of(0));
    const at = f.let(query.add(0));
    const pointers = rows.map((row) => f.let(row.add(0)));
    f.loop(0, turns, 1, () => {
      for (let k = 0; k < TURN; k += 4) {
        const part = f.let(F32x4.load(at, 4 * k));
        for (const [r, pointer] of pointers.entries()) sums[r].set(sums[r].add(part.mul(F32x4.load(pointer, 4 * k))));
      }
      for (const pointer of pointers) pointer.set(pointer.add(4 * TURN));
      at.set(at.add(4 * TURN));
    });
    return sums.map((sum) => sum.lane(0).add(sum.lane(1)).add(sum.lane(2)).add(sum.lane(3)));
  },
};

const allParameters = { y: 'i32', query: 'i32', rows: 'i32', stride: 'i32', turns: 'i32' } as const;
const someParameters = { y: 'i32', query: 'i32', pointers: 'i32', turns: 'i32' } as const;

/** y[i] for the rows from begin to end, which lie one after another. */
function defineAll(module: ModuleBuilder, format: Format): void {
  module.func(
    `all${format.name}`,
    { ...allParameters, ...span },
    (f, { y, query, rows, stride, turns, begin, end }) => {
      inGroups(f, begin, end, (first, count) => {
        const pointers = Array.from({ length: count }, (_, r) => f.let(rows.add(first.add(r).mul(stride))));
        for (const [r, dot] of format.dots(f, query, pointers, turns).entries())
          f.store(y.add(first.mul(4)), dot, 4 * r);
      });
    },
  );
}

/** y[i] for the rows whose pointers stand in a list. */
function defineSome(module: ModuleBuilder, format: Format): void {
  module.func(`some${format.name}`, { ...someParameters, ...span }, (f, { y, query, pointers, turns, begin, end }) => {
    inGroups(f, begin, end, (first, count) => {
      const rows = Array.from({ length: count }, (_, r) => f.let(I32.load(pointers.add(first.mul(4)), 4 * r)));
      for (const [r, dot] of format.dots(f, query, rows, turns).entries()) f.store(y.add(first.mul(4)), dot, 4 * r);
    });
  });
}

/** Groups of `ROWS`, and the rest one by one. */
function inGroups(f: FunctionBuilder, begin: I32, end: I32, body: (first: I32, count: number) => void): void {
  const i = f.i32(begin);
  f.while(
    () => i.add(ROWS).le(end),
    () => {
      body(i, ROWS);
      i.set(i.add(ROWS));
    },
  );
  f.while(
    () => i.lt(end),
    () => {
      body(i, 1);
      i.set(i.add(1));
    },
  );
}

const program = new Program('search', (module) => {
  for (const format of [int8, float32]) {
    defineAll(module, format);
    defineSome(module, format);
  }
});

/** Compares a query with rows one after another, in several threads. */
export const compareAll = program.entries(['allInt8', 'allFloat32'], allParameters);

/** The functions that compare a query with a list of rows, for callers that can't wait for named values: y, query, pointers, turns, 0, count, 0. */
export function compareSome(): Record<'int8' | 'float32', (...values: number[]) => void> {
  const { entries, functions } = program.compile();
  const named = (name: string) => functions[entries.get(name) as number];
  return { int8: named('someInt8'), float32: named('someFloat32') };
}

import type { Floats } from '../../../memory/memory.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import type { Program } from '../../../wasm/program.js';
import type { F32, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';

/** Floats of one unit of work: a cache line, so that two threads never write to the same one. */
export const UNIT = 16;
/** Units of a chunk: 16 Ki floats, whose work outweighs a fork of microseconds. */
const GRAIN = 1024;
/** For functions that compute more than they move. */
export const HEAVY_GRAIN = 256;

type Names = readonly string[];
type Vectors<N extends Names> = { [K in N[number]]: Variable<'f32x4'> };

export interface MapSpec<R extends Names, W extends Names> {
  /** Arrays that the body gets; each is loaded where the body first names it. */
  reads: R;
  /** Arrays that it gives back; the same name may stand in both. */
  writes: W;
  /** How many vectors a turn of the loop holds: 4, or fewer for long bodies. */
  unroll?: 1 | 2 | 4 | undefined;
}

type Body<R extends Names, W extends Names> = (vectors: Vectors<R>) => { [K in W[number]]: F32x4 };

/**
 * The loop of elementwise work: `body` on each four of `count` floats from the pointers, which move on. Nothing is
 * written behind the last float; up to three behind it are read.
 */
export function emitMap<R extends Names, W extends Names>(
  f: FunctionBuilder,
  spec: MapSpec<R, W>,
  pointers: Readonly<Record<string, Variable<'i32'>>>,
  count: I32,
  body: Body<R, W>,
): void {
  const unroll = spec.unroll ?? 4;
  const names = Object.keys(pointers);
  const turn = (u: number): Record<string, F32x4> => {
    const vectors = {};
    for (const name of spec.reads) {
      let loaded: F32x4 | undefined;
      const get = (): F32x4 => (loaded ??= f.let(F32x4.load(pointers[name], 16 * u)));
      Object.defineProperty(vectors, name, { get });
    }
    return body(vectors as Vectors<R>);
  };
  const advance = (bytes: number): void => {
    for (const name of names) pointers[name].set(pointers[name].add(bytes));
  };
  const left = f.let(count);
  // (1) whole turns
  f.while(
    () => left.ge(4 * unroll),
    () => {
      for (let u = 0; u < unroll; u++) {
        const results = turn(u);
        for (const name of spec.writes) f.store(pointers[name], results[name], 16 * u);
      }
      advance(16 * unroll);
      left.set(left.sub(4 * unroll));
    },
  );
  // (2) single vectors, and the one to three floats at the end, lane by lane
  f.while(
    () => left.gt(0),
    () => {
      const vectors = turn(0);
      const results = spec.writes.map((name: W[number]) => ({ pointer: pointers[name], value: f.let(vectors[name]) }));
      f.if(
        left.ge(4),
        () => {
          for (const { pointer, value } of results) f.store(pointer, value);
        },
        () => {
          for (let lane = 0; lane < 3; lane++) {
            f.if(left.gt(lane), () => {
              for (const { pointer, value } of results) f.storeLane(pointer, value, lane, 4 * lane);
            });
          }
        },
      );
      advance(16);
      left.set(left.sub(4));
    },
  );
}

/**
 * Adds a function to the module that computes `body` on whole arrays: pointers of `reads` and `writes` (each name once, in
 * that order), then float `numbers` (with names of their own), then the length. A unit is 16 floats. `runMap` calls it.
 *
 * @example
 * defineMap(module, 'scale', { reads: ['x'], writes: ['y'] }, ['factor'], (_f, { x }, { factor }) => ({ y: x.mul(factor) }));
 */
export function defineMap<R extends Names, W extends Names, N extends Names = readonly []>(
  module: ModuleBuilder,
  name: string,
  spec: MapSpec<R, W>,
  numbers: N,
  body: (f: FunctionBuilder, vectors: Vectors<R>, numbers: Vectors<N>) => { [K in W[number]]: F32x4 },
): void {
  const arrays = [...new Set<string>([...spec.reads, ...spec.writes])];
  const parameters = {
    ...Object.fromEntries(arrays.map((array) => [array, 'i32' as const])),
    ...Object.fromEntries(numbers.map((number) => [number, 'f32' as const])),
    length: 'i32',
    ...span,
  } as const;
  module.func(name, parameters, (f, p) => {
    const given = p as unknown as Record<string, Variable<'i32'>>;
    const pointers = Object.fromEntries(arrays.map((array) => [array, f.let(given[array].add(p.begin.mul(4 * UNIT)))]));
    const spread = Object.fromEntries(
      numbers.map((number) => [number, f.let(F32x4.of(given[number] as unknown as F32))]),
    ) as Vectors<N>;
    const first = f.let(p.begin.mul(UNIT));
    const count = f.let(p.end.mul(UNIT).min(p.length).sub(first));
    emitMap(f, spec, pointers, count, (vectors) => body(f, vectors, spread));
  });
}

/** Runs what `defineMap` made on arrays of one length, given in the order of its parameters. */
export function runMap(
  program: Program,
  name: string,
  arrays: readonly Floats[],
  numbers: readonly number[] = [],
  grain = GRAIN,
): void {
  const { length } = arrays[0];
  const values = arrays.map((array) => array.byteOffset);
  program.run(name, [...values, ...numbers, length], Math.ceil(length / UNIT), grain);
}

import type { Floats } from '../../../memory/memory.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder, Parameters } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
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
      // Stores come behind all loads: a compiler that joins neighboring vectors could not move them past each other.
      const turns = Array.from({ length: unroll }, (_, u) => {
        const results = turn(u);
        return spec.writes.map((name: W[number]) => ({ pointer: pointers[name], value: f.let(results[name]) }));
      });
      for (const [u, results] of turns.entries()) {
        for (const { pointer, value } of results) f.store(pointer, value, 16 * u);
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

/** An elementwise function: the arrays and float numbers that it takes, by their names, and how it is built. */
export interface ElementwiseMap<A extends string, N extends string> {
  readonly arrays: readonly A[];
  readonly numbers: readonly N[];
  define(module: ModuleBuilder, name: string): void;
}

/**
 * A function that computes `body` on whole arrays of one length. Its parameters are the pointers of `reads` and `writes`
 * (each name once), the float `numbers` (with names of their own), and the length. A unit is 16 floats.
 *
 * @example
 * map({ reads: ['x'], writes: ['y'] }, ['factor'], (_f, { x }, { factor }) => ({ y: x.mul(factor) }));
 */
export function map<const R extends Names, const W extends Names, const N extends Names>(
  spec: MapSpec<R, W>,
  numbers: N,
  body: (f: FunctionBuilder, vectors: Vectors<R>, numbers: Vectors<N>) => { [K in W[number]]: F32x4 },
): ElementwiseMap<R[number] | W[number], N[number]> {
  const arrays = [...new Set<R[number] | W[number]>([...spec.reads, ...spec.writes])];
  const define = (module: ModuleBuilder, name: string): void => {
    module.func(name, { ...parametersOf(arrays, numbers), ...span }, (f, p) => {
      const given = p as unknown as Record<string, Variable<'i32'>>;
      const pointers = Object.fromEntries(
        arrays.map((array) => [array, f.let(given[array].add(p.begin.mul(4 * UNIT)))]),
      );
      const spread = Object.fromEntries(
        numbers.map((number) => [number, f.let(F32x4.of(given[number] as unknown as F32))]),
      ) as Vectors<N>;
      const first = f.let(p.begin.mul(UNIT));
      const count = f.let(p.end.mul(UNIT).min(given.length).sub(first));
      emitMap(f, spec, pointers, count, (vectors) => body(f, vectors, spread));
    });
  };
  return { arrays, numbers, define };
}

function parametersOf(arrays: Names, numbers: Names): Parameters {
  return {
    ...Object.fromEntries(arrays.map((array) => [array, 'i32' as const])),
    ...Object.fromEntries(numbers.map((number) => [number, 'f32' as const])),
    length: 'i32',
  };
}

type Maps = Readonly<Record<string, ElementwiseMap<string, string>>>;

/** Computes a map: the arrays have one length, and an array may stand for two names. */
export type RunMap<A extends string, N extends string> = (
  values: Readonly<Record<A, Floats> & Record<N, number>>,
  grain?: number,
) => void;

type RunsOf<M extends Maps> = {
  readonly [K in keyof M]: M[K] extends ElementwiseMap<infer A, infer N> ? RunMap<A, N> : never;
};

/** Adds maps to a program under construction. */
export function defineMaps(module: ModuleBuilder, maps: Maps): void {
  for (const [name, { define }] of Object.entries(maps)) define(module, name);
}

/** The functions that run what `defineMaps` has added to the program. */
export function mapRuns<M extends Maps>(program: Program, maps: M): RunsOf<M> {
  const runs = Object.entries(maps).map(([name, of]) => [name, runOf(program, name, of)]);
  return Object.fromEntries(runs) as RunsOf<M>;
}

/** A program of maps, as the functions that run them. */
export function mapProgram<const M extends Maps>(name: string, maps: M): RunsOf<M> {
  return mapRuns(new Program(name, (module) => defineMaps(module, maps)), maps);
}

function runOf(program: Program, name: string, { arrays, numbers }: ElementwiseMap<string, string>) {
  const entry = program.entry(name, parametersOf(arrays, numbers));
  const passed: Record<string, number> = Object.fromEntries(Object.keys(entry.parameters).map((key) => [key, 0]));
  return (values: Readonly<Record<string, unknown>>, grain = GRAIN): void => {
    const { length } = values[arrays[0]] as Floats;
    for (const array of arrays) passed[array] = (values[array] as Floats).byteOffset;
    for (const number of numbers) passed[number] = values[number] as number;
    passed.length = length;
    entry.run(passed, Math.ceil(length / UNIT), grain);
  };
}

import { ArgumentError } from '../base/errors.js';
import { MAX_ARGUMENTS } from './control.js';
import type { Parameters } from './module.js';

/** What a handle calls: a program. */
interface Callee {
  readonly name: string;
  call(entry: string, values: number[], units: number, grain: number): void;
}

/** A value for each parameter, by its name: pointers are byte offsets. */
export type Values<P extends Parameters> = { readonly [K in keyof P]: number };

/** What objects of values say together. */
type Together<G extends readonly object[]> = G extends readonly [infer First, ...infer Rest extends object[]]
  ? First & Together<Rest>
  : unknown;

/** Groups of values in which no parameter is missing. */
type Complete<P extends Parameters, G extends readonly object[]> =
  Together<G> extends Values<P> ? G : { missing: Exclude<keyof P, keyof Together<G>> };

/**
 * A handle on one function of a program, which is called with named values.
 *
 * @example
 * const parameters = { y: 'i32', x: 'i32', factor: 'f32' } as const;
 * const program = new Program('example', (module) => {
 *   module.func('scale', { ...parameters, ...span }, (f, p) => { ... });
 * });
 * const scale = program.entry('scale', parameters);
 * scale.run({ y: y.byteOffset, x: x.byteOffset, factor: 2 }, units, grain);
 */
export class Entry<P extends Parameters> {
  readonly #keys: readonly (keyof P)[];
  /** In which group each value was last time. */
  readonly #groups: number[];
  /** The values in order, and room for those of `span`. */
  readonly #ordered: number[];

  constructor(
    readonly program: Callee,
    readonly name: string,
    readonly parameters: P,
  ) {
    this.#keys = Object.keys(parameters);
    if (this.#keys.length > MAX_ARGUMENTS) {
      throw new ArgumentError(
        `program ${program.name}: ${name} has ${this.#keys.length} parameters, but a fork carries at most ${MAX_ARGUMENTS}.`,
      );
    }
    this.#groups = new Array<number>(this.#keys.length).fill(0);
    // Made of null, it holds small integers as such whatever floats stand beside them.
    this.#ordered = new Array(this.#keys.length + 3).fill(null);
  }

  /**
   * Runs the function over [0, units), in chunks of `grain` units on all threads when there is more than one chunk.
   * The result must not depend on where chunks begin.
   *
   * Throws `StridenetError` when the kernel fails, on this thread or another, or a worker has died.
   */
  run(values: Values<P>, units: number, grain: number): void {
    if (units <= 0) return;
    const keys = this.#keys;
    const ordered = this.#ordered;
    for (let i = 0; i < keys.length; i++) ordered[i] = values[keys[i]];
    this.program.call(this.name, ordered, units, grain);
  }

  /**
   * The same with values that lie in several objects: reading them there is several times faster than spreading them
   * into one, which takes longer than many a kernel when there are dozens.
   */
  runGroups<const G extends readonly object[]>(
    groups: G & Complete<P, NoInfer<G>>,
    units: number,
    grain: number,
  ): void {
    if (units <= 0) return;
    const all = groups as readonly Partial<Values<P>>[];
    const keys = this.#keys;
    const ordered = this.#ordered;
    const places = this.#groups;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      let value = all[places[i]]?.[key];
      if (value === undefined) {
        places[i] = all.findIndex((group) => group[key] !== undefined);
        value = all[places[i]]?.[key] as number;
      }
      ordered[i] = value;
    }
    this.program.call(this.name, ordered, units, grain);
  }
}

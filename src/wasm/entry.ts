import { ArgumentError } from '../base/errors.js';
import { MAX_ARGUMENTS } from './control.js';
import type { Parameters } from './module.js';
import type { Program } from './program.js';

/** A value for each parameter, by its name: pointers are byte offsets. */
export type Values<P extends Parameters> = { readonly [K in keyof P]: number };

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
  /** The values in order, and room for those of `span`. */
  readonly #ordered: number[];

  constructor(
    readonly program: Program,
    readonly name: string,
    readonly parameters: P,
  ) {
    this.#keys = Object.keys(parameters);
    if (this.#keys.length > MAX_ARGUMENTS) {
      throw new ArgumentError(
        `program ${program.name}: ${name} has ${this.#keys.length} parameters, but a fork carries at most ${MAX_ARGUMENTS}.`,
      );
    }
    this.#ordered = new Array<number>(this.#keys.length + 3).fill(0);
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
}

/** A stand-in for numbers that are not there: kernels are given it, and anybody who looks into it gets an error. */
export class Tokens {
  readonly #meanings = new WeakMap<object, unknown>();

  /** A token that means `meaning`; `refuse` throws for whoever reads or writes the numbers. */
  make(meaning: unknown, length: number, refuse: (what: string) => never): Float32Array {
    const token = new Proxy(new Float32Array(0), {
      get: (_target, key) => (key === 'length' ? length : refuse(String(key))),
      set: (_target, key) => refuse(String(key)),
    });
    this.#meanings.set(token, meaning);
    return token;
  }

  /** What a token means; undefined for anything else. */
  meaningOf(value: unknown): unknown {
    return typeof value === 'object' && value !== null ? this.#meanings.get(value) : undefined;
  }
}

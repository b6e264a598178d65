import { Tensor } from '../tensor/tensor.js';

/** A module by what a snapshot needs. */
interface Watched {
  forward(x: Tensor): unknown;
  namedChildren(): Iterable<[string, Watched]>;
}

/** Numbers of typed arrays in fields that are copied, in all; models with more are never compiled unasked. */
const MOST_NUMBERS = 65_536;

/**
 * What a model's forward may depend on besides its input: the fields of all modules, with what is in arrays, plain objects, Maps and Sets. While
 * nothing of it has changed, forward does the same again. The numbers of tensors are not part of it.
 */
export class Snapshot {
  readonly #holders: object[] = [];
  readonly #keys: (string | number)[] = [];
  readonly #values: unknown[] = [];
  readonly #lists: { list: unknown; size: () => number; expected: number }[] = [];
  readonly #collections: { of: Map<unknown, unknown> | Set<unknown>; entries: readonly unknown[] }[] = [];
  readonly #numbers: { array: ArrayLike<number>; copy: ArrayLike<number> }[] = [];
  readonly #children: { module: Watched; children: readonly Watched[] }[] = [];
  readonly #seen = new Set<object>();
  #copied = 0;

  constructor(model: Watched) {
    this.#addModule(model);
  }

  /** Fields hold so much data that comparing it would take longer than it is worth. */
  get isTooLarge(): boolean {
    return this.#copied > MOST_NUMBERS;
  }

  /** Whether everything is as it was. */
  holds(): boolean {
    const [holders, keys, values] = [this.#holders, this.#keys, this.#values];
    for (let i = 0; i < holders.length; i++) {
      if (Reflect.get(holders[i] as object, keys[i] as string) !== values[i]) return false;
    }
    return (
      this.#lists.every(({ size, expected }) => size() === expected) &&
      this.#children.every(({ module, children }) => sameItems(childrenOf(module), children)) &&
      this.#collections.every(({ of, entries }) => sameItems([...of].flat(), entries)) &&
      this.#numbers.every(({ array, copy }) => sameItems(array, copy))
    );
  }

  #addModule(module: Watched): void {
    if (this.#seen.has(module)) return;
    this.#seen.add(module);
    this.#note(module, 'forward', module.forward);
    this.#addFields(module);
    const children = childrenOf(module);
    // Those that are no fields, as in Sequential, can be exchanged without a field that changes.
    const fields = new Set(this.#values);
    if (children.some((child) => !fields.has(child))) this.#children.push({ module, children });
    for (const child of children) this.#addModule(child);
  }

  #addFields(holder: object): void {
    const keys = Object.keys(holder);
    this.#lists.push({ list: holder, size: () => Object.keys(holder).length, expected: keys.length });
    for (const key of keys) {
      if (key === 'training') continue;
      const value: unknown = Reflect.get(holder, key);
      this.#note(holder, key, value);
      this.#look(value);
    }
  }

  #note(holder: object, key: string | number, value: unknown): void {
    this.#holders.push(holder);
    this.#keys.push(key);
    this.#values.push(value);
  }

  #look(value: unknown): void {
    if (typeof value !== 'object' || value === null || this.#seen.has(value) || value instanceof Tensor) return;
    if (ArrayBuffer.isView(value)) {
      this.#seen.add(value);
      const array = value as Float32Array;
      this.#copied += array.length ?? 0;
      if (!this.isTooLarge) this.#numbers.push({ array, copy: array.slice() });
    } else if (Array.isArray(value)) {
      this.#seen.add(value);
      this.#lists.push({ list: value, size: () => value.length, expected: value.length });
      this.#copied += value.length;
      if (this.isTooLarge) return;
      for (const [i, item] of value.entries()) {
        this.#note(value, i, item);
        this.#look(item);
      }
    } else if (value instanceof Map || value instanceof Set) {
      this.#seen.add(value);
      const entries = [...value].flat() as unknown[];
      this.#collections.push({ of: value, entries });
      for (const entry of entries) this.#look(entry);
    } else if (Object.getPrototypeOf(value) === Object.prototype) {
      this.#seen.add(value);
      this.#addFields(value);
    }
  }
}

function childrenOf(module: Watched): Watched[] {
  return Array.from(module.namedChildren(), ([, child]) => child);
}

function sameItems(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

import { FormatError } from '../base/errors.js';
import type { ByteCursor } from './byteCursor.js';
import { PickleMemo } from './pickleMemo.js';
import { EMPTY_TUPLE, PickleGlobal, PickleObject, type PickleValue, UnknownObject } from './pickleValues.js';

export interface PickleHooks {
  /** What 'module.name' stands for, or undefined where it isn't known: its calls then become `UnknownObject`s. */
  global(name: string): PickleGlobal | undefined;
  /** The object that lies outside of the pickle under `id`. */
  persistentLoad(id: PickleValue): PickleValue;
}

/** Picklers recurse, so honest files nest no deeper than Python's stack. */
const DEEPEST = 100_000;
/** Picklers write items in batches of 1,000; only one long tuple stands on the stack at once. */
const LARGEST_STACK = 2 ** 22;
/** Estimated bytes of values that a pickle may make: so many, and so many for each of its bytes. */
const FREE_BYTES = 2 ** 26;
const BYTES_PER_BYTE = 16;

/** What values of each kind take in the heap of the engine, about. */
export const COST = { slot: 8, text: 32, array: 40, bytes: 112, map: 192, entry: 48, global: 192, call: 256 } as const;

/** The stack machine that a pickle is a program for. */
export class Unpickler {
  readonly #stack: PickleValue[] = [];
  /** The height of the stack at each open mark. */
  readonly #marks: number[] = [];
  /** Values below belong to an open mark. */
  #floor = 0;
  readonly #memo: PickleMemo;
  readonly #globals = new Map<string, PickleGlobal>();
  readonly #start: number;
  #used = 0;

  constructor(
    readonly input: ByteCursor,
    readonly hooks: PickleHooks,
  ) {
    this.#start = input.at;
    this.#memo = new PickleMemo(input.bytes.length);
  }

  /** Counts what a value takes. A few bytes can ask for endless copies of one list; no honest pickle does. */
  charge(bytes: number): void {
    this.#used += bytes;
    const read = this.input.at - this.#start;
    if (this.#used > FREE_BYTES + BYTES_PER_BYTE * read) {
      throw new FormatError(
        `pickle: its first ${read} bytes make more than ${FREE_BYTES + BYTES_PER_BYTE * read} bytes of values. The file is damaged.`,
      );
    }
  }

  push(value: PickleValue): void {
    if (this.#stack.length >= LARGEST_STACK) {
      throw new FormatError(`pickle: more than ${LARGEST_STACK} values wait for their container. The file is damaged.`);
    }
    this.#stack.push(value);
  }

  pop(): PickleValue {
    if (this.#stack.length <= this.#floor) {
      throw new FormatError('pickle: an operation found too few values. The file is damaged.');
    }
    return this.#stack.pop() as PickleValue;
  }

  top(): PickleValue {
    const value = this.pop();
    this.#stack.push(value);
    return value;
  }

  /** The value on the top, or the mark where there's none above it. */
  drop(): void {
    if (this.#stack.length > this.#floor) this.#stack.pop();
    else this.popMark();
  }

  mark(): void {
    if (this.#marks.length >= DEEPEST) {
      throw new FormatError(`pickle: more than ${DEEPEST} containers are open at once. The file is damaged.`);
    }
    this.#marks.push(this.#stack.length);
    this.#floor = this.#stack.length;
  }

  popMark(): PickleValue[] {
    if (this.#marks.length === 0) throw new FormatError('pickle: an operation found no mark. The file is damaged.');
    const at = this.#marks.pop() as number;
    this.#floor = this.#marks.at(-1) ?? 0;
    const items = this.#stack.slice(at);
    this.#stack.length = at;
    this.charge(COST.array + COST.slot * items.length);
    return items;
  }

  memoize(index?: number): void {
    this.charge(COST.slot);
    if (index === undefined) this.#memo.add(this.top());
    else this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    this.push(this.#memo.get(index));
  }

  pushGlobal(name: string): void {
    let global = this.#globals.get(name);
    if (global === undefined) {
      this.charge(COST.global);
      global = this.hooks.global(name) ?? new PickleGlobal(name, (args) => new UnknownObject(name, args));
      this.#globals.set(name, global);
    }
    this.push(global);
  }

  /** Calls what is on the top. */
  call(args: PickleValue): void {
    const callee = this.pop();
    if (!Array.isArray(args)) throw new FormatError('pickle: a call without a list of arguments. The file is damaged.');
    let cost: number = COST.call;
    for (let i = 0; i < args.length; i++) cost += costOf(args[i]);
    this.charge(cost);
    if (callee instanceof PickleGlobal) this.push(callee.call(args));
    // What an unknown call returned is called: functools.partial(f, x)(y).
    else if (callee instanceof UnknownObject) this.push(new UnknownObject(callee.unknown, [callee, args]));
    else throw new FormatError('pickle: a call of something that is no function. The file is damaged.');
  }

  callWithKeywords(kwargs: PickleValue): void {
    this.call(this.pop());
    const made = this.top();
    if (made instanceof UnknownObject) made.kwargs = kwargs;
  }

  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof PickleObject) target.setState(state);
    // The attributes of an OrderedDict, such as a state dict's _metadata, are no entries of it.
    else if (!(target instanceof Map))
      throw new FormatError('pickle: sets the state of plain data. The file is damaged.');
  }

  /** Where items are appended: a list, or what stands for an object of a class derived from one. */
  list(): PickleValue[] {
    const target = this.top();
    if (Array.isArray(target) && target !== EMPTY_TUPLE) return target;
    if (target instanceof UnknownObject) {
      target.items ??= [];
      return target.items;
    }
    throw new FormatError('pickle: appends to something that is no list. The file is damaged.');
  }

  append(): void {
    const item = this.pop();
    this.charge(COST.slot);
    this.list().push(item);
  }

  appendAll(items: PickleValue[]): void {
    const list = this.list();
    for (const item of items) list.push(item);
  }

  addAll(items: PickleValue[]): void {
    const target = this.top();
    this.charge(COST.entry * items.length);
    if (target instanceof UnknownObject) this.appendAll(items);
    else if (target instanceof Set) for (const item of items) target.add(item);
    else throw new FormatError('pickle: adds to something that is no set. The file is damaged.');
  }

  /** Where items are set: a dictionary, or what stands for an object of a class derived from one. */
  dictionary(): Map<PickleValue, PickleValue> {
    const target = this.top();
    if (target instanceof Map) return target;
    if (target instanceof UnknownObject) {
      target.entries ??= new Map();
      return target.entries;
    }
    throw new FormatError('pickle: sets an item of something that is no dictionary. The file is damaged.');
  }

  setItem(): void {
    const value = this.pop();
    const key = this.pop();
    this.charge(COST.entry);
    this.dictionary().set(key, value);
  }

  setItems(items: PickleValue[]): void {
    if (items.length % 2 !== 0) throw new FormatError('pickle: a key without a value. The file is damaged.');
    this.charge(COST.entry * items.length);
    const map = this.dictionary();
    for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  }
}

/** What a call that copies its argument would take. */
function costOf(arg: PickleValue): number {
  if (Array.isArray(arg)) return COST.entry * arg.length;
  if (arg instanceof Map || arg instanceof Set) return COST.entry * arg.size;
  return typeof arg === 'string' ? arg.length : COST.slot;
}

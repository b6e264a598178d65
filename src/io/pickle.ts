import { FormatError } from '../tensor/errors.js';
import { ByteCursor } from './byteCursor.js';

/** What a pickle can hold: dictionaries are Maps; lists and tuples are arrays; whole numbers that a double cannot hold are bigints. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleGlobal
  | PickleObject;

/** Stands for a class or function of the pickle. `call` is the reader's own code, never the file's. */
export class PickleGlobal {
  constructor(
    readonly name: string,
    readonly call: (args: PickleValue[]) => PickleValue,
  ) {}
}

/** The base of what a reader's globals and persistent loads may make. */
export abstract class PickleObject {
  /** The state that the pickle sets after making the object. */
  setState(_state: PickleValue): void {}
}

export interface PickleHooks {
  /** What 'module.name' stands for, or undefined to refuse it. */
  global(name: string): PickleGlobal | undefined;
  /** The object that lies outside of the pickle under `id`. */
  persistentLoad(id: PickleValue): PickleValue;
}

/** Whole numbers of more bytes than this are no data. */
const MAXIMUM_INTEGER_BYTES = 256;

/**
 * Reads one pickle, protocols 0 to 5, from `offset` on. Returns its value and where it ends.
 *
 * Pickles are programs. This reader runs the part that builds data; a class or function that `hooks.global` does not know is
 * refused by its name, so nothing in a file is ever executed.
 *
 * Throws `FormatError` for everything else.
 *
 * Source: Python's pickletools, where each operation is described.
 */
export function readPickle(bytes: Uint8Array, offset: number, hooks: PickleHooks): { value: PickleValue; end: number } {
  return new Unpickler(new ByteCursor(bytes, offset, 'pickle'), hooks).run();
}

class Unpickler {
  #stack: PickleValue[] = [];
  /** The stacks below each open mark. */
  readonly #marks: PickleValue[][] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(
    readonly input: ByteCursor,
    readonly hooks: PickleHooks,
  ) {}

  run(): { value: PickleValue; end: number } {
    const { input } = this;
    for (;;) {
      const at = input.at;
      const op = input.u8();
      if (op === 0x2e) return { value: this.#pop(), end: input.at };
      const run = OPERATIONS.get(op);
      if (run === undefined) {
        throw new FormatError(
          `pickle: byte ${at} is ${op}, which is no operation that data needs. The file is damaged.`,
        );
      }
      run(this, input);
    }
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined) throw new FormatError('pickle: an operation found too few values. The file is damaged.');
    return value;
  }

  pop(): PickleValue {
    return this.#pop();
  }

  top(): PickleValue {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack);
    this.#stack = [];
  }

  popMark(): PickleValue[] {
    const items = this.#stack;
    const below = this.#marks.pop();
    if (below === undefined) throw new FormatError('pickle: an operation found no mark. The file is damaged.');
    this.#stack = below;
    return items;
  }

  memoize(index = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw new FormatError(`pickle: memo ${index} is empty. The file is damaged.`);
    this.push(value);
  }

  pushGlobal(name: string): void {
    const global = this.hooks.global(name);
    if (global === undefined) {
      throw new FormatError(
        `pickle: refuses ${JSON.stringify(name)}: the file asks for a class or function that is not needed for weights, and nothing in it is ever executed. Save a state dict of tensors instead.`,
      );
    }
    this.push(global);
  }

  call(args: PickleValue): void {
    const callee = this.#pop();
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) {
      throw new FormatError('pickle: a call of something that is no function. The file is damaged.');
    }
    this.push(callee.call(args));
  }

  build(): void {
    const state = this.#pop();
    const target = this.top();
    if (target instanceof PickleObject) target.setState(state);
    // The attributes of an OrderedDict, such as a state dict's _metadata, are no entries of it.
    else if (!(target instanceof Map))
      throw new FormatError('pickle: sets the state of plain data. The file is damaged.');
  }

  append(items: PickleValue[]): void {
    const target = this.top();
    if (!Array.isArray(target)) throw new FormatError('pickle: appends to something that is no list.');
    for (const item of items) target.push(item);
  }

  addItems(items: PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Set)) throw new FormatError('pickle: adds to something that is no set.');
    for (const item of items) target.add(item);
  }

  setItems(items: PickleValue[]): void {
    const target = this.top();
    if (!(target instanceof Map)) throw new FormatError('pickle: sets an item of something that is no dictionary.');
    fillMap(target, items);
  }

  persistent(id: PickleValue): void {
    this.push(this.hooks.persistentLoad(id));
  }
}

type Operation = (vm: Unpickler, input: ByteCursor) => void;

/** Each operation under its byte, in the groups of pickletools. */
const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>(
  Object.entries({
    // Frames and marks.
    '\x80': (_, input) => checkProtocol(input.u8()),
    '\x95': (_, input) => input.u64(),
    '(': (vm) => vm.mark(),
    '0': (vm) => vm.pop(),
    '1': (vm) => vm.popMark(),
    '2': (vm) => vm.push(vm.top()),
    // Constants and numbers.
    N: (vm) => vm.push(null),
    '\x88': (vm) => vm.push(true),
    '\x89': (vm) => vm.push(false),
    I: (vm, input) => vm.push(integerLine(input.line(), true)),
    L: (vm, input) => vm.push(integerLine(input.line(), false)),
    J: (vm, input) => vm.push(input.i32()),
    K: (vm, input) => vm.push(input.u8()),
    M: (vm, input) => vm.push(input.u16()),
    '\x8a': (vm, input) => vm.push(integerBytes(input, input.u8())),
    '\x8b': (vm, input) => vm.push(integerBytes(input, input.u32())),
    F: (vm, input) => vm.push(Number(input.line())),
    G: (vm, input) => vm.push(input.f64BigEndian()),
    // Text and bytes.
    S: (vm, input) => vm.push(unquote(input.line())),
    T: (vm, input) => vm.push(latin1(input.take(input.u32()))),
    U: (vm, input) => vm.push(latin1(input.take(input.u8()))),
    V: (vm, input) => vm.push(input.line()),
    X: (vm, input) => vm.push(input.text(input.u32())),
    '\x8c': (vm, input) => vm.push(input.text(input.u8())),
    '\x8d': (vm, input) => vm.push(input.text(input.u64())),
    B: (vm, input) => vm.push(input.take(input.u32())),
    C: (vm, input) => vm.push(input.take(input.u8())),
    '\x8e': (vm, input) => vm.push(input.take(input.u64())),
    '\x96': (vm, input) => vm.push(input.take(input.u64())),
    // Lists, tuples, dictionaries, sets.
    ']': (vm) => vm.push([]),
    l: (vm) => vm.push(vm.popMark()),
    a: (vm) => vm.append([vm.pop()]),
    e: (vm) => vm.append(vm.popMark()),
    ')': (vm) => vm.push([]),
    t: (vm) => vm.push(vm.popMark()),
    '\x85': (vm) => vm.push(popTuple(vm, 1)),
    '\x86': (vm) => vm.push(popTuple(vm, 2)),
    '\x87': (vm) => vm.push(popTuple(vm, 3)),
    '}': (vm) => vm.push(new Map()),
    d: (vm) => vm.push(fillMap(new Map(), vm.popMark())),
    s: (vm) => vm.setItems(popTuple(vm, 2)),
    u: (vm) => vm.setItems(vm.popMark()),
    '\x8f': (vm) => vm.push(new Set()),
    '\x90': (vm) => vm.addItems(vm.popMark()),
    '\x91': (vm) => vm.push(new Set(vm.popMark())),
    // The memo.
    p: (vm, input) => vm.memoize(Number(input.line())),
    q: (vm, input) => vm.memoize(input.u8()),
    r: (vm, input) => vm.memoize(input.u32()),
    '\x94': (vm) => vm.memoize(),
    g: (vm, input) => vm.recall(Number(input.line())),
    h: (vm, input) => vm.recall(input.u8()),
    j: (vm, input) => vm.recall(input.u32()),
    // Objects.
    c: (vm, input) => vm.pushGlobal(`${input.line()}.${input.line()}`),
    '\x93': (vm) => vm.pushGlobal(dotted(popTuple(vm, 2))),
    R: (vm) => vm.call(vm.pop()),
    '\x81': (vm) => vm.call(vm.pop()),
    b: (vm) => vm.build(),
    P: (vm, input) => vm.persistent(input.line()),
    Q: (vm) => vm.persistent(vm.pop()),
  } satisfies Record<string, Operation>).map(([character, run]) => [character.charCodeAt(0), run]),
);

function checkProtocol(version: number): void {
  if (version > 5) throw new FormatError(`pickle: protocol ${version} is newer than 5, the newest that is known.`);
}

function popTuple(vm: Unpickler, length: number): PickleValue[] {
  const items = new Array<PickleValue>(length);
  for (let i = length - 1; i >= 0; i--) items[i] = vm.pop();
  return items;
}

function dotted([module, name]: PickleValue[]): string {
  if (typeof module !== 'string' || typeof name !== 'string') throw new FormatError('pickle: a class without a name.');
  return `${module}.${name}`;
}

function fillMap(map: Map<PickleValue, PickleValue>, items: PickleValue[]): Map<PickleValue, PickleValue> {
  if (items.length % 2 !== 0) throw new FormatError('pickle: a key without a value. The file is damaged.');
  for (let i = 0; i < items.length; i += 2) map.set(items[i], items[i + 1]);
  return map;
}

/** Two's complement, little end first. */
function integerBytes(input: ByteCursor, length: number): number | bigint {
  if (length > MAXIMUM_INTEGER_BYTES)
    throw new FormatError(`pickle: a whole number of ${length} bytes. The file is damaged.`);
  let value = 0n;
  const bytes = input.take(length);
  for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
  return narrow(BigInt.asIntN(8 * length, value));
}

/** '12', '12L'; in old pickles '00' and '01' are false and true. */
function integerLine(line: string, booleans: boolean): number | bigint | boolean {
  if (booleans && (line === '00' || line === '01')) return line === '01';
  if (line.length > MAXIMUM_INTEGER_BYTES || !/^[+-]?\d+L?$/.test(line)) {
    throw new FormatError('pickle: a line of text is no whole number. The file is damaged.');
  }
  return narrow(BigInt(line.replace(/^\+|L$/g, '')));
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function unquote(line: string): string {
  const quoted = /^(['"])(.*)\1$/s.exec(line);
  if (quoted === null) throw new FormatError('pickle: a line of text lacks its quotes. The file is damaged.');
  return quoted[2];
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}

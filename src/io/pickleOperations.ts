import { FormatError } from '../base/errors.js';
import type { ByteCursor } from './byteCursor.js';
import { float, integerBytes, integerLine, unquote } from './pickleNumbers.js';
import { EMPTY_TUPLE, type PickleValue } from './pickleValues.js';
import { COST, type Unpickler } from './unpickler.js';

/** Not as a literal: a minifier would write it as text, which a page that doesn't name its encoding reads as other characters. */
const code = String.fromCharCode;

type Operation = (vm: Unpickler, input: ByteCursor) => void;

/** Each operation under its character, in the groups of pickletools. */
const BY_CHARACTER: Record<string, Operation> = {
  // Frames and marks.
  [code(0x80)]: (_, input) => checkProtocol(input.u8()),
  [code(0x95)]: (_, input) => input.u64(),
  '(': (vm) => vm.mark(),
  '0': (vm) => vm.drop(),
  '1': (vm) => vm.popMark(),
  '2': (vm) => vm.push(vm.top()),
  // Constants and numbers.
  N: (vm) => vm.push(null),
  [code(0x88)]: (vm) => vm.push(true),
  [code(0x89)]: (vm) => vm.push(false),
  I: (vm, input) => vm.push(integerLine(input.line(), true)),
  L: (vm, input) => vm.push(integerLine(input.line(), false)),
  J: (vm, input) => vm.push(input.i32()),
  K: (vm, input) => vm.push(input.u8()),
  M: (vm, input) => vm.push(input.u16()),
  [code(0x8a)]: (vm, input) => vm.push(integerBytes(input, input.u8())),
  [code(0x8b)]: (vm, input) => vm.push(integerBytes(input, input.u32())),
  F: (vm, input) => vm.push(float(input.line())),
  G: (vm, input) => vm.push(input.f64BigEndian()),
  // Text and bytes.
  S: (vm, input) => pushText(vm, unquote(input.line())),
  T: (vm, input) => pushText(vm, latin1(input.take(input.u32()))),
  U: (vm, input) => pushText(vm, latin1(input.take(input.u8()))),
  V: (vm, input) => pushText(vm, input.line()),
  X: (vm, input) => pushText(vm, input.text(input.u32())),
  [code(0x8c)]: (vm, input) => pushText(vm, input.text(input.u8())),
  [code(0x8d)]: (vm, input) => pushText(vm, input.text(input.u64())),
  B: (vm, input) => pushBytes(vm, input, input.u32()),
  C: (vm, input) => pushBytes(vm, input, input.u8()),
  [code(0x8e)]: (vm, input) => pushBytes(vm, input, input.u64()),
  [code(0x96)]: (vm, input) => pushBytes(vm, input, input.u64()),
  // Lists, tuples, dictionaries, sets.
  ']': (vm) => pushEmpty(vm, [], COST.array),
  l: (vm) => vm.push(vm.popMark()),
  a: (vm) => vm.append(),
  e: (vm) => vm.appendAll(vm.popMark()),
  ')': (vm) => vm.push(EMPTY_TUPLE),
  t: (vm) => vm.push(vm.popMark()),
  [code(0x85)]: (vm) => pushTuple(vm, 1),
  [code(0x86)]: (vm) => pushTuple(vm, 2),
  [code(0x87)]: (vm) => pushTuple(vm, 3),
  '}': (vm) => pushEmpty(vm, new Map(), COST.map),
  d: (vm) => pushMap(vm, vm.popMark()),
  s: (vm) => vm.setItem(),
  u: (vm) => vm.setItems(vm.popMark()),
  [code(0x8f)]: (vm) => pushEmpty(vm, new Set(), COST.map),
  [code(0x90)]: (vm) => vm.addAll(vm.popMark()),
  [code(0x91)]: (vm) => pushSet(vm, vm.popMark()),
  // The memo.
  p: (vm, input) => vm.memoize(Number(input.line())),
  q: (vm, input) => vm.memoize(input.u8()),
  r: (vm, input) => vm.memoize(input.u32()),
  [code(0x94)]: (vm) => vm.memoize(),
  g: (vm, input) => vm.recall(Number(input.line())),
  h: (vm, input) => vm.recall(input.u8()),
  j: (vm, input) => vm.recall(input.u32()),
  // Classes, functions and objects.
  c: (vm, input) => vm.pushGlobal(`${input.line()}.${input.line()}`),
  [code(0x93)]: (vm) => vm.pushGlobal(dotted(popTuple(vm, 2))),
  i: (vm, input) => instance(vm, `${input.line()}.${input.line()}`),
  o: (vm) => object(vm, vm.popMark()),
  R: (vm) => vm.call(vm.pop()),
  [code(0x81)]: (vm) => vm.call(vm.pop()),
  [code(0x92)]: (vm) => vm.callWithKeywords(vm.pop()),
  b: (vm) => vm.build(),
  P: (vm, input) => vm.push(vm.hooks.persistentLoad(input.line())),
  Q: (vm) => vm.push(vm.hooks.persistentLoad(vm.pop())),
};

/** Each operation at the place of its byte. */
export const PICKLE_OPERATIONS: readonly (Operation | undefined)[] = Array.from(
  { length: 256 },
  (_, byte) => BY_CHARACTER[String.fromCharCode(byte)],
);

function checkProtocol(version: number): void {
  if (version > 5) throw new FormatError(`pickle: protocol ${version} is newer than 5, the newest that is known.`);
}

function pushText(vm: Unpickler, text: string): void {
  vm.charge(COST.text + text.length);
  vm.push(text);
}

function pushBytes(vm: Unpickler, input: ByteCursor, length: number): void {
  vm.charge(COST.bytes);
  vm.push(input.take(length));
}

function pushEmpty(vm: Unpickler, container: PickleValue, cost: number): void {
  vm.charge(cost);
  vm.push(container);
}

function pushMap(vm: Unpickler, items: PickleValue[]): void {
  pushEmpty(vm, new Map(), COST.map);
  vm.setItems(items);
}

function pushSet(vm: Unpickler, items: PickleValue[]): void {
  pushEmpty(vm, new Set(), COST.map);
  vm.addAll(items);
}

function pushTuple(vm: Unpickler, length: number): void {
  vm.charge(COST.array + COST.slot * length);
  vm.push(popTuple(vm, length));
}

function popTuple(vm: Unpickler, length: number): PickleValue[] {
  const items = new Array<PickleValue>(length);
  for (let i = length - 1; i >= 0; i--) items[i] = vm.pop();
  return items;
}

/** A class by its name, with the arguments after the mark: protocol 0. */
function instance(vm: Unpickler, name: string): void {
  const args = vm.popMark();
  vm.pushGlobal(name);
  vm.call(args);
}

/** A class and its arguments after the mark: protocol 1. */
function object(vm: Unpickler, [callee = null, ...args]: PickleValue[]): void {
  vm.push(callee);
  vm.call(args);
}

function dotted([module, name]: PickleValue[]): string {
  if (typeof module !== 'string' || typeof name !== 'string') {
    throw new FormatError('pickle: a class without a name. The file is damaged.');
  }
  return `${module}.${name}`;
}

const LATIN1 = new TextDecoder('latin1');

function latin1(bytes: Uint8Array): string {
  return LATIN1.decode(bytes);
}

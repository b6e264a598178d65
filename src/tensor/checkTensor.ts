import { expectOwn } from '../base/copies.js';
import { describeValue, isPromise } from '../base/describeValue.js';
import { ArgumentError } from '../base/errors.js';
import { Tensor } from './tensor.js';

/**
 * Every operation asks this of its tensors before it reads their shapes: a number, an array or a forgotten argument is an
 * `ArgumentError` that names the argument and says what was found.
 */
export function checkTensor(op: string, name: string, value: unknown): asserts value is Tensor {
  if (!(value instanceof Tensor)) throw new ArgumentError(refusal(op, name, value, 'a Tensor'));
}

/** The same for an argument that may be null or left out, as a bias may; what is left out is null. */
export function optionalTensor(op: string, name: string, value: unknown): Tensor | null {
  if (value === null || value === undefined) return null;
  if (!(value instanceof Tensor)) throw new ArgumentError(refusal(op, name, value, 'a Tensor or null'));
  return value;
}

/** The tensors of an array or of anything else that can be iterated, such as `model.parameters()`, read once. */
export function tensorList(op: string, name: string, values: unknown): readonly Tensor[] {
  const list = listOf(op, name, values, 'Tensor');
  for (let i = 0; i < list.length; i++) checkTensor(op, `${name}[${i}]`, list[i]);
  return list as Tensor[];
}

/**
 * The entries of anything that can be iterated, as an array. A generator can be read only once, so one that gives nothing was
 * probably read before.
 */
export function listOf(op: string, name: string, values: unknown, what: string): readonly unknown[] {
  if (Array.isArray(values)) return values;
  if (typeof (values as Iterable<unknown> | null | undefined)?.[Symbol.iterator] !== 'function' || isText(values)) {
    const hint = values instanceof Tensor ? ' Put it in brackets.' : '';
    throw new ArgumentError(
      `${op}: ${name} is ${describeValue(values)}, but must be an array or another iterable of ${what}s.${hint}`,
    );
  }
  const list = [...(values as Iterable<unknown>)];
  if (list.length === 0 && typeof (values as { next?: unknown }).next === 'function') {
    throw new ArgumentError(
      `${op}: ${name} gave no ${what}. A generator such as model.parameters() is used up once read: call it anew, or keep an array of it, [...model.parameters()].`,
    );
  }
  return list;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function refusal(op: string, name: string, value: unknown, wanted: string): string {
  expectOwn(`${op}: ${name}`, value);
  return `${op}: ${name} is ${describeValue(value)}, but must be ${wanted}.${hintFor(name, value, wanted)}`;
}

function hintFor(name: string, value: unknown, wanted: string): string {
  if (isPromise(value)) return ' Await it first.';
  if (typeof value === 'number' || Array.isArray(value) || ArrayBuffer.isView(value)) {
    return ' Tensor.from(...) makes one of numbers.';
  }
  const isPlain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (isPlain && wanted.endsWith('null')) return ` Options come behind it: pass null for ${name}, then the options.`;
  return '';
}

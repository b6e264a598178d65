import { areNumbers } from '../base/areNumbers.js';
import { describeValue } from '../base/describeValue.js';
import { ArgumentError } from '../base/errors.js';
import { Tensor } from './tensor.js';

/** Throws `ArgumentError` unless the options of an operation are an object of options; `example` shows one. */
export function checkOptionsObject(op: string, options: unknown, example: string): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options) && !(options instanceof Tensor))
    return;
  const found = options === undefined ? 'are missing' : `are ${describeValue(options)}`;
  throw new ArgumentError(`${op}: the options ${found}, but must be an object such as ${example}.`);
}

/** Throws `ArgumentError` unless `value` is a number. */
export function checkNumber(op: string, name: string, value: unknown): void {
  if (typeof value === 'number') return;
  throw new ArgumentError(`${op}: ${name} is ${describeValue(value)}, but must be a number.`);
}

/** Throws `ArgumentError` unless `value` is an array of numbers, such as a list of axes. */
export function checkNumbers(op: string, name: string, value: unknown): void {
  if (Array.isArray(value) && areNumbers(value)) return;
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return;
  throw new ArgumentError(`${op}: ${name} is ${describeValue(value)}, but must be an array of numbers.`);
}

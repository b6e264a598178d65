import { FormatError } from '../base/errors.js';
import type { ByteCursor } from './byteCursor.js';

/** Whole numbers of more bytes than this are no data. */
const MAXIMUM_INTEGER_BYTES = 256;

/** Two's complement, little end first. */
export function integerBytes(input: ByteCursor, length: number): number | bigint {
  if (length > MAXIMUM_INTEGER_BYTES)
    throw new FormatError(`pickle: a whole number of ${length} bytes. The file is damaged.`);
  const bytes = input.take(length);
  if (length === 0) return 0;
  if (length <= 6) {
    let value = 0;
    for (let i = length - 1; i >= 0; i--) value = 256 * value + bytes[i];
    return bytes[length - 1] < 0x80 ? value : value - 256 ** length;
  }
  let hex = '0x';
  for (let i = length - 1; i >= 0; i--) hex += HEX[bytes[i]];
  return narrow(BigInt.asIntN(8 * length, BigInt(hex)));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** '12', '12L'; in old pickles '00' and '01' are false and true. */
export function integerLine(line: string, booleans: boolean): number | bigint | boolean {
  if (booleans && (line === '00' || line === '01')) return line === '01';
  if (line.length > MAXIMUM_INTEGER_BYTES || !/^[+-]?\d+L?$/.test(line)) {
    throw new FormatError('pickle: a line of text is no whole number. The file is damaged.');
  }
  const digits = line.endsWith('L') ? line.slice(0, -1) : line;
  // Plus 0: minus zero is a whole number here.
  return digits.length <= 15 ? Number(digits) + 0 : narrow(BigInt(digits.replace('+', '')));
}

/** As Python writes it: '1.5', '1e-05', 'nan', '-inf'. */
export function float(line: string): number {
  const word = /^([+-]?)(inf|nan)/i.exec(line);
  if (word !== null) return /nan/i.test(word[2]) ? Number.NaN : Number(`${word[1]}Infinity`);
  if (!/^[+-]?[\d.]/.test(line)) throw new FormatError('pickle: a line of text is no number. The file is damaged.');
  return Number(line);
}

/** The text between the quotes of a line. */
export function unquote(line: string): string {
  const quoted = /^(['"])(.*)\1$/s.exec(line);
  if (quoted === null) throw new FormatError('pickle: a line of text lacks its quotes. The file is damaged.');
  return quoted[2];
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

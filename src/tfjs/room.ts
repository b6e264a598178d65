import { formatShape, type Shape, sizeOf } from '../tensor/shape.js';
import { refuse } from './config.js';

/** What any model may make of a small input: 128 MiB. */
const LEAST = 2 ** 25;
/** A value may have so many times as many numbers as the model's input. */
const TIMES = 256;

let room = LEAST;

/** Runs a model for an input of `size` numbers: what enlarges values by numbers of the file has to ask `expectRoom`. */
export function withRoom<T>(size: number, run: () => T): T {
  const outer = room;
  room = Math.max(LEAST, TIMES * size);
  try {
    return run();
  } finally {
    room = outer;
  }
}

/** Throws `FormatError` before a value is made that is out of proportion to the model's input. */
export function expectRoom(what: string, shape: Shape): void {
  if (sizeOf(shape) <= room) return;
  refuse(
    `${what} makes a value of shape ${formatShape(shape)}, more than ${room} numbers. The file is damaged, or the input is too small.`,
  );
}

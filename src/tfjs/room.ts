import { formatShape, type Shape, sizeOf } from '../base/shape.js';
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

/** What a convolution does to its image. */
export interface FilterReach {
  outChannels: number;
  /** [height, width] */
  kernel: readonly number[];
  stride: readonly number[];
  dilation: readonly number[];
  /** Or [top, right, bottom, left]. */
  padding: string | readonly number[];
}

/**
 * `expectRoom` for what a convolution needs: its image with all around it that its filters and steps reach, and its result. Filters of
 * 'same' padding reach far by a number of the file, their dilation.
 */
export function expectFilterRoom(what: string, [n, channels, height = 1, width = 1]: Shape, reach: FilterReach): void {
  const { outChannels, kernel, stride, dilation, padding } = reach;
  const [top = 0, right = 0, bottom = 0, left = 0] = typeof padding === 'string' ? [] : padding;
  const around = padding === 'same' ? [0, 1].map((i) => (kernel[i] - 1) * dilation[i]) : [top + bottom, left + right];
  const size = [height, width].map((length, i) => Math.max(length + around[i], stride[i]));
  expectRoom(what, [n, Math.max(channels, outChannels), ...size]);
}

import { FormatError } from '../base/errors.js';
import { formatShape, type Shape } from '../base/shape.js';
import { withMemoryLimit } from '../memory/memory.js';

/** What a graph may take whatever it is given; the rest grows with the file and the input. */
const BASE = 2 ** 27;
/** Bytes of values for each byte of the input: several times what deep networks need under a tape. */
const PER_INPUT_BYTE = 1024;
/** The same for each byte of the file: stored numbers of 8 bits become floats, once or twice. */
const PER_FILE_BYTE = 16;
/** Steps of a window over an image for each byte that may be made. */
const STEPS = 64;

let limit = BASE;
let hostBytes = 0;

/** The bytes that the values of a graph may take where no `maxMemory` is given. */
export function usualBudget(fileBytes: number, inputBytes: number): number {
  return BASE + PER_FILE_BYTE * fileBytes + PER_INPUT_BYTE * inputBytes;
}

/** Runs `fn`, whose values may take `bytes`: tensors at a time, and arrays of ordinary numbers altogether. */
export function withBudget<T>(bytes: number, fn: () => T): T {
  const outer = [limit, hostBytes] as const;
  [limit, hostBytes] = [bytes, 0];
  try {
    return withMemoryLimit(bytes, fn);
  } finally {
    [limit, hostBytes] = outer;
  }
}

/** The size of an array of ordinary numbers that is about to be made of a shape the file tells. */
export function hostSize(what: string, shape: Shape): number {
  const { size, full } = sizes(what, shape);
  hostBytes += 8 * full;
  if (hostBytes > limit) throw tooLarge(what, shape, hostBytes);
  return size;
}

/** Checks the shape of a tensor that is about to be made. Its empty axes count as 1: other axes are walked too. */
export function expectAffordable(what: string, shape: Shape): void {
  const { full } = sizes(what, shape);
  if (4 * full > limit) throw tooLarge(what, shape, 4 * full);
}

/** Checks how many steps a window over an image takes, which the file may tell as it likes. */
export function expectFeasible(what: string, steps: number): void {
  if (!(steps <= STEPS * limit)) {
    throw new FormatError(
      `importOnnx: ${what} takes ${steps} steps, but a budget of ${limit} bytes allows ${STEPS * limit}. Pass a larger maxMemory if the file is sound.`,
    );
  }
}

function sizes(what: string, shape: Shape): { size: number; full: number } {
  let size = 1;
  let full = 1;
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new FormatError(
        `importOnnx: ${what} wants an array of shape ${formatShape(shape)}, whose axes must be whole numbers >= 0. The file is damaged.`,
      );
    }
    size *= n;
    full *= Math.max(1, n);
  }
  return { size, full };
}

function tooLarge(what: string, shape: Shape, bytes: number): FormatError {
  return new FormatError(
    `importOnnx: ${what} wants an array of shape ${formatShape(shape)}, which takes the values to ${bytes} bytes; the limit is ${limit}. Pass a larger maxMemory if the file is sound.`,
  );
}

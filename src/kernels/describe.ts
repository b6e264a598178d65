import type { Floats } from '../memory/memory.js';

/** What a kernel may be given. */
export type KernelArgument = Floats | Int32Array | object | number | string | null;

/** The arguments in short: lengths of arrays, then the fields of the geometry. */
export function describeArguments(args: readonly KernelArgument[]): string {
  const one = (value: unknown): string => {
    if (value instanceof Int32Array)
      return value.length <= 8 ? `[${value.join(', ')}]` : `[${value.length} whole numbers]`;
    return String(value);
  };
  const words = args.map((arg) => {
    if (arg instanceof Float32Array || arg instanceof Float64Array) return `${arg.length} floats`;
    if (arg instanceof Int8Array) return `${arg.length} bytes`;
    if (arg === null || typeof arg !== 'object' || arg instanceof Int32Array) return one(arg);
    const fields = Object.entries(arg).map(([key, value]) => `${key}: ${one(value)}`);
    return `{ ${fields.join(', ')} }`;
  });
  return words.join(', ');
}

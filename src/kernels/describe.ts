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
    if (arg === null || typeof arg !== 'object' || arg instanceof Int32Array) return one(arg);
    const fields = Object.entries(arg).map(([key, value]) => `${key}: ${one(value)}`);
    return `{ ${fields.join(', ')} }`;
  });
  return words.join(', ');
}

/** Multiplications and additions of a product, counted as the textbook does it; null for kernels that are bound by memory. */
export function flopsOf(name: string, args: readonly KernelArgument[]): number | null {
  if (name.endsWith('Bias')) return null;
  for (const arg of args) {
    if (arg === null || typeof arg !== 'object') continue;
    const g = arg as Readonly<Record<string, number>>;
    if ('kernelHeight' in g && 'groups' in g) {
      const window = (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth;
      return 2 * g.batch * g.outChannels * g.outHeight * g.outWidth * window;
    }
    if ('transposeA' in g) return 2 * g.batches * g.m * g.n * g.k;
    if ('inFeatures' in g) return 2 * g.batch * g.inFeatures * g.outFeatures;
  }
  return null;
}

import { UsageError } from './flags.js';

/** `3x224x160` as [3, 224, 160]; `224x160` and `224` with `channels`. Throws `UsageError`. */
export function readShape(text: string, channels: number): number[] {
  const sizes = text.split(/[x,]/).map(Number);
  if (sizes.length > 3 || !sizes.every((size) => Number.isInteger(size) && size > 0)) {
    throw new UsageError(
      `--input is '${text}', but must be CHANNELSxHEIGHTxWIDTH as in 3x224x224, or the SIZE of square images.`,
    );
  }
  if (sizes.length === 1) return [channels, sizes[0], sizes[0]];
  return sizes.length === 2 ? [channels, ...sizes] : sizes;
}

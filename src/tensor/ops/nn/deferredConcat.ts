import type { Deferred, Storage } from '../../../memory/storage.js';
import type { Tensor } from '../../tensor.js';
import { type DeferredConv2d, put, waiting } from './deferredConv2d.js';

/** A convolution that will fill a part of a block, from float `begin` to `end`. */
interface Part {
  readonly convolution: DeferredConv2d;
  readonly begin: number;
  readonly end: number;
}

/** Convolutions that wait, each for its part of one block. What else the block holds, `isWhole` says whether there is any, is there already. */
class DeferredConcat implements Deferred {
  constructor(
    readonly parts: readonly Part[],
    readonly isWhole: boolean,
  ) {}

  run(y: Storage): void {
    const { data } = y;
    for (const { convolution, begin, end } of this.parts) convolution.fill(data.subarray(begin, end));
  }

  drop(): void {
    for (const { convolution } of this.parts) convolution.drop();
  }

  activated(activation: 1 | 2): DeferredConcat | null {
    if (!this.isWhole || this.parts.some(({ convolution }) => convolution.epilogue.activation !== 0)) return null;
    const parts = this.parts.map((part) => {
      return { ...part, convolution: part.convolution.activated(activation) as DeferredConv2d };
    });
    return new DeferredConcat(parts, true);
  }
}

/**
 * Puts off the convolutions among `tensors`, which lie in y one behind the other from its first float on: they will write there. `copy` brings the
 * i-th of the others at once. False when none waits, and nothing was done.
 */
export function deferConcat(y: Tensor, tensors: readonly Tensor[], copy: (i: number) => void): boolean {
  if (!tensors.some((t) => waiting(t) !== null)) return false;
  const parts: Part[] = [];
  let begin = 0;
  for (const [i, t] of tensors.entries()) {
    const convolution = waiting(t);
    const end = begin + t.size;
    if (convolution === null) copy(i);
    else parts.push({ convolution: convolution.again(), begin, end });
    begin = end;
  }
  put(y, new DeferredConcat(parts, parts.length === tensors.length));
  return true;
}

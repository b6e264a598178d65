import type { FunctionBuilder } from '../../../wasm/function.js';
import { I32 } from '../../../wasm/scalars.js';
import { type Shape, stagedColumn } from './depthwiseStage.js';

/** Taps of a filter's row: those that have code of their own, or 0 for any number. */
export type RowTaps = 3 | 5 | 7 | 0;

/** The code of `body` for each kind of row, of which one runs. */
export function emitVariants(f: FunctionBuilder, p: Shape, body: (taps: RowTaps) => void): void {
  const choose = ([first, ...others]: RowTaps[]): void =>
    first === undefined
      ? body(0)
      : f.if(
          p.kernelWidth.eq(first),
          () => body(first),
          () => choose(others),
        );
  choose([3, 5, 7]);
}

/** The distances of a row's first taps from its beginning; computed once, for there is a division in each. */
export function emitColumns(f: FunctionBuilder, p: Shape): I32[] {
  return Array.from({ length: 7 }, (_, s) => f.let(stagedColumn(f, p, p.dilationWidth.mul(I32.of(s)))));
}

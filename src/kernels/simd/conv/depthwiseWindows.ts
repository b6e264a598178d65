import type { FunctionBuilder } from '../../../wasm/function.js';
import type { I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import type { Shape } from './depthwiseStage.js';
import { emitLoadStrided } from './window.js';

/** The windows that have code of their own. */
export interface WindowKind {
  /** 3 for filters of 3x3, which are unrolled and held in registers; 5 for rows of five taps, which are unrolled; 0 for any. */
  readonly taps: 3 | 5 | 0;
  /** From one output of a row to the next; 0 for any. */
  readonly stride: 1 | 2 | 0;
  /** Neighboring rows of outputs read neighboring rows of pixels. */
  readonly dense?: true | undefined;
}

/** The code of `body` for each kind of window, of which one runs. */
export function emitVariants(f: FunctionBuilder, p: Shape, body: (window: WindowKind) => void): void {
  const isSquare = f.let(p.kernelHeight.eq(3).and(p.kernelWidth.eq(3)));
  const isNext = f.let(p.strideHeight.eq(1).and(p.dilationHeight.eq(1)));
  const isHalving = f.let(p.strideWidth.eq(2).and(p.dilationWidth.eq(1)));
  const choose = ([first, ...others]: [condition: I32, window: WindowKind][]): void =>
    f.if(
      first[0],
      () => body(first[1]),
      () => (others.length > 0 ? choose(others) : body({ taps: 0, stride: 0 })),
    );
  choose([
    [isSquare.and(p.strideWidth.eq(1)).and(isNext), { taps: 3, stride: 1, dense: true }],
    [isSquare.and(p.strideWidth.eq(1)), { taps: 3, stride: 1 }],
    [isSquare.and(isHalving), { taps: 3, stride: 2 }],
    [isSquare, { taps: 3, stride: 0 }],
    [p.kernelWidth.eq(5).and(p.strideWidth.eq(1)), { taps: 5, stride: 1 }],
    [p.kernelWidth.eq(5).and(isHalving), { taps: 5, stride: 2 }],
  ]);
}

/** What the taps of a row see for four outputs: pixels s * dilation + (0, 1, 2, 3) * stride from `line`; `columns` are the taps' distances. */
export function emitTaps(
  f: FunctionBuilder,
  { stride }: WindowKind,
  line: I32,
  columns: readonly I32[],
  step: I32,
): F32x4[] {
  if (stride === 2) {
    const pairs = Array.from({ length: (columns.length + 1) / 2 }, (_, i) =>
      [8 * i, 8 * i + 16].map((offset) => f.let(F32x4.load(line, offset))),
    );
    return columns.map((_, s) => {
      const [a, b] = pairs[s >> 1];
      return s % 2 === 0 ? a.shuffle(b, 0, 2, 4, 6) : a.shuffle(b, 1, 3, 5, 7);
    });
  }
  return columns.map((column) => {
    const at = f.let(line.add(column));
    return stride === 1 ? F32x4.load(at) : emitLoadStrided(f, at, step);
  });
}

/** The distances of a row's taps from its first. */
export function emitColumns(f: FunctionBuilder, p: Shape, taps: number): I32[] {
  return Array.from({ length: taps }, (_, s) => f.let(p.dilationWidth.shl(2).mul(s)));
}

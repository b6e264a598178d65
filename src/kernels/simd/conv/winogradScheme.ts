import type { FunctionBuilder } from '../../../wasm/function.js';
import { F32x4 } from '../../../wasm/vectors.js';

/** A linear map on vectors, as code: takes one value an input, gives one an output. */
export type Transform = (f: FunctionBuilder, values: readonly F32x4[]) => F32x4[];

/**
 * The one-dimensional transforms of the minimal filtering algorithm F(m, r): m outputs of a filter of r taps from m + r - 1 inputs with
 * m + r - 1 multiplications. The two-dimensional ones apply them to rows and then to columns.
 *
 *   y = A^T [(G g) * (B^T d)]
 *
 * Source: Lavin and Gray 2015 (arXiv:1509.09308), section 4.1 and 4.3; Winograd 1980.
 */
export interface Scheme {
  readonly name: 'f2' | 'f4' | 'f2x5';
  /** Outputs of a tile on each axis. */
  readonly m: 2 | 4;
  /** Taps of the filter on each axis. */
  readonly taps: 3 | 5;
  /** Inputs of a tile on each axis: m + taps - 1. */
  readonly size: 4 | 6;
  /** B^T d: inputs of a tile. */
  readonly input: Transform;
  /** G g: the taps of a filter. */
  readonly filter: Transform;
  /** A^T m: products to outputs. */
  readonly output: Transform;
}

/** A scheme that makes weight gradients too. */
export interface GradientScheme extends Scheme {
  readonly name: 'f2' | 'f4';
  /** A dy: gradients of outputs to gradients of products, the transpose of `output`. */
  readonly outputGradient: Transform;
  /** G^T du: gradients of transformed filters to gradients of taps, the transpose of `filter`. */
  readonly filterGradient: Transform;
}

const times = (k: number, v: F32x4): F32x4 => F32x4.of(k).mul(v);

/** F(2, 3): 4 multiplications instead of 6; 2.25 times fewer in two dimensions. Only additions and halves: as accurate as the direct sum. */
export const F2: GradientScheme = {
  name: 'f2',
  m: 2,
  taps: 3,
  size: 4,
  input: (_f, [d0, d1, d2, d3]) => [d0.sub(d2), d1.add(d2), d2.sub(d1), d1.sub(d3)],
  filter: (f, [g0, g1, g2]) => {
    const even = f.let(times(0.5, g0.add(g2)));
    const odd = f.let(times(0.5, g1));
    return [g0, even.add(odd), even.sub(odd), g2];
  },
  output: (f, [m0, m1, m2, m3]) => {
    return [m0.add(f.let(m1.add(m2))), m1.sub(m2).sub(m3)];
  },
  outputGradient: (_f, [y0, y1]) => [y0, y0.add(y1), y0.sub(y1), y1.neg()],
  filterGradient: (f, [u0, u1, u2, u3]) => {
    const half = f.let(times(0.5, u1.add(u2)));
    return [u0.add(half), times(0.5, u1.sub(u2)), half.add(u3)];
  },
};

const SQRT2 = Math.SQRT2;
const HALF = Math.SQRT1_2;

/**
 * F(4, 3): 6 multiplications instead of 12; 4 times fewer in two dimensions.
 *
 * The polynomials are interpolated at 0, +-1/sqrt(2), +-sqrt(2) and infinity instead of the usual 0, +-1, +-2 and infinity. The
 * matrices have the same shape and cost, and the largest error is a fifth: 1.2e-6 against 6.1e-6 of the largest output, measured
 * on normal numbers with 64 channels (a direct sum in float32: 0.4e-6).
 */
export const F4: GradientScheme = {
  name: 'f4',
  m: 4,
  taps: 3,
  size: 6,
  input: (f, [d0, d1, d2, d3, d4, d5]) => {
    const [two, half, more] = [F32x4.of(2), F32x4.of(0.5), F32x4.of(2.5)];
    const a = f.let(f.fnma(two, d2, d4));
    const b = f.let(f.fnma(two, d1, d3));
    const c = f.let(f.fnma(half, d2, d4));
    const e = f.let(f.fnma(half, d1, d3));
    return [
      f.fnma(more, d2, d0.add(d4)),
      f.fma(F32x4.of(HALF), b, a),
      f.fnma(F32x4.of(HALF), b, a),
      f.fma(F32x4.of(SQRT2), e, c),
      f.fnma(F32x4.of(SQRT2), e, c),
      f.fnma(more, d3, d1.add(d5)),
    ];
  },
  filter: (f, [g0, g1, g2]) => {
    const even = f.let(times(-2 / 3, g0).sub(times(1 / 3, g2)));
    const odd = f.let(times((2 / 3) * HALF, g1));
    const even2 = f.let(times(1 / 6, g0).add(times(1 / 3, g2)));
    const odd2 = f.let(times(SQRT2 / 6, g1));
    return [g0, even.sub(odd), even.add(odd), even2.add(odd2), even2.sub(odd2), g2];
  },
  output: (f, [m0, m1, m2, m3, m4, m5]) => {
    const s1 = f.let(m1.add(m2));
    const d1 = f.let(m1.sub(m2));
    const s2 = f.let(m3.add(m4));
    const d2 = f.let(m3.sub(m4));
    return [
      m0.add(s1).add(s2),
      f.fma(F32x4.of(SQRT2), d2, times(HALF, d1)),
      f.fma(F32x4.of(2), s2, times(0.5, s1)),
      f.fma(F32x4.of(2 * SQRT2), d2, f.fma(F32x4.of(HALF / 2), d1, m5)),
    ];
  },
  outputGradient: (f, [y0, y1, y2, y3]) => {
    const even = f.let(f.fma(F32x4.of(0.5), y2, y0));
    const odd = f.let(f.fma(F32x4.of(HALF / 2), y3, times(HALF, y1)));
    const even2 = f.let(f.fma(F32x4.of(2), y2, y0));
    const odd2 = f.let(f.fma(F32x4.of(2 * SQRT2), y3, times(SQRT2, y1)));
    return [y0, even.add(odd), even.sub(odd), even2.add(odd2), even2.sub(odd2), y3];
  },
  filterGradient: (f, [u0, u1, u2, u3, u4, u5]) => {
    const s1 = f.let(u1.add(u2));
    const s2 = f.let(u3.add(u4));
    return [
      f.fma(F32x4.of(1 / 6), s2, f.fnma(F32x4.of(2 / 3), s1, u0)),
      f.fma(F32x4.of(SQRT2 / 6), u3.sub(u4), times((-2 / 3) * HALF, u1.sub(u2))),
      f.fma(F32x4.of(1 / 3), s2.sub(s1), u5),
    ];
  },
};

/**
 * F(2, 5): 6 multiplications instead of 10; 2.8 times fewer in two dimensions. The points of F(4, 3), and so its input transform: the
 * filter's polynomial has two terms more, and the output's two fewer.
 */
export const F2x5: Scheme = {
  name: 'f2x5',
  m: 2,
  taps: 5,
  size: 6,
  input: F4.input,
  filter: (f, [g0, g1, g2, g3, g4]) => {
    const even = f.let(
      times(-2 / 3, g0)
        .sub(times(1 / 3, g2))
        .sub(times(1 / 6, g4)),
    );
    const odd = f.let(times((2 / 3) * HALF, g1).add(times((1 / 3) * HALF, g3)));
    const even2 = f.let(
      times(1 / 6, g0)
        .add(times(1 / 3, g2))
        .add(times(2 / 3, g4)),
    );
    const odd2 = f.let(times(SQRT2 / 6, g1).add(times(SQRT2 / 3, g3)));
    return [g0, even.sub(odd), even.add(odd), even2.add(odd2), even2.sub(odd2), g4];
  },
  output: (f, [m0, m1, m2, m3, m4, m5]) => {
    const near = f.let(m1.sub(m2));
    const far = f.let(m3.sub(m4));
    return [m0.add(m1.add(m2)).add(m3.add(m4)), f.fma(F32x4.of(SQRT2), far, f.fma(F32x4.of(HALF), near, m5))];
  },
};

/** Applies a transform to every row and then to every column of a square of values. */
export function transform2d(f: FunctionBuilder, t: Transform, rows: readonly (readonly F32x4[])[]): F32x4[][] {
  const half = rows.map((row) => t(f, row).map((v) => f.let(v)));
  const columns = half[0].map((_, j) =>
    t(
      f,
      half.map((row) => row[j]),
    ).map((v) => f.let(v)),
  );
  return columns[0].map((_, i) => columns.map((column) => column[i]));
}

/** Four vectors as the columns of what they were the rows of. */
export function transpose4(f: FunctionBuilder, [a, b, c, d]: readonly F32x4[]): F32x4[] {
  const ab0 = f.let(a.shuffle(b, 0, 4, 1, 5));
  const ab1 = f.let(a.shuffle(b, 2, 6, 3, 7));
  const cd0 = f.let(c.shuffle(d, 0, 4, 1, 5));
  const cd1 = f.let(c.shuffle(d, 2, 6, 3, 7));
  return [
    ab0.shuffle(cd0, 0, 1, 4, 5),
    ab0.shuffle(cd0, 2, 3, 6, 7),
    ab1.shuffle(cd1, 0, 1, 4, 5),
    ab1.shuffle(cd1, 2, 3, 6, 7),
  ].map((v) => f.let(v));
}

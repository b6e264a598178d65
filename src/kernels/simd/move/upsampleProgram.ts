import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { Program } from '../../../wasm/program.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';

const shape = {
  /** y or dy, x or dx. */
  out: 'i32',
  in: 'i32',
  inHeight: 'i32',
  inWidth: 'i32',
  outHeight: 'i32',
  outWidth: 'i32',
} as const;

/** Tables of three entries for each output row and column: bytes to one neighbor, bytes to the other, weight of the other. */
export const tables = { rows: 'i32', columns: 'i32' } as const;

type Parameters = { [K in keyof typeof shape | keyof typeof span]: Variable<'i32'> };

/** Resizing of planes, which are the units. */
const upsample = new Program('upsample', (module) => {
  for (const doubles of [false, true]) {
    module.func(doubles ? 'nearestDouble' : 'nearest', { ...shape, ...span }, (f, p) => {
      forEachRow(f, p, (out, row) => {
        const write = (x: I32, to: I32): void => f.store(to, F32.load(x));
        if (!doubles) return forEachNearest(f, p, out, row, write);
        forEachDouble(f, p, out, row, write, (x, to) => {
          const v = f.let(F32x4.load(x));
          f.store(to, v.shuffle(v, 0, 0, 1, 1));
          f.store(to, v.shuffle(v, 2, 2, 3, 3), 16);
        });
      });
    });
    module.func(doubles ? 'nearestDoubleBackward' : 'nearestBackward', { ...shape, ...span }, (f, p) => {
      forEachRow(f, p, (out, row) => {
        const add = (dx: I32, dy: I32): void => f.store(dx, F32.load(dx).add(F32.load(dy)));
        if (!doubles) return forEachNearest(f, p, out, row, add);
        forEachDouble(f, p, out, row, add, (dx, dy) => {
          const [a, b] = [f.let(F32x4.load(dy)), f.let(F32x4.load(dy, 16))];
          f.store(
            dx,
            F32x4.load(dx)
              .add(a.shuffle(b, 0, 2, 4, 6))
              .add(a.shuffle(b, 1, 3, 5, 7)),
          );
        });
      });
    });
  }
  module.func('bilinear', { ...shape, ...tables, ...span }, (f, p) => {
    forEachPoint(f, p, (out, corners, a, b) => {
      const [x00, x01, x10, x11] = corners.map((corner) => f.let(F32.load(corner)));
      // left + b (right - left): a constant image stays constant.
      const above = f.let(x00.add(b.mul(x01.sub(x00))));
      const below = x10.add(b.mul(x11.sub(x10)));
      f.store(out, above.add(a.mul(below.sub(above))));
    });
  });
  module.func('bilinearBackward', { ...shape, ...tables, ...span }, (f, p) => {
    forEachPoint(f, p, (out, corners, a, b) => {
      const dy = f.let(F32.load(out));
      const below = f.let(dy.mul(a));
      const above = f.let(dy.mul(F32.of(1).sub(a)));
      const left = f.let(F32.of(1).sub(b));
      const shares = [above.mul(left), above.mul(b), below.mul(left), below.mul(b)];
      for (const [i, corner] of corners.entries()) f.store(corner, F32.load(corner).add(shares[i]));
    });
  });
});

export const nearest = upsample.entries(
  ['nearest', 'nearestDouble', 'nearestBackward', 'nearestDoubleBackward'],
  shape,
);
export const bilinear = upsample.entries(['bilinear', 'bilinearBackward'], { ...shape, ...tables });

/** Gives `body` each output row, and the input row floor(p H / P) that it is taken from. */
function forEachRow(f: FunctionBuilder, p: Parameters, body: (out: Variable<'i32'>, row: I32) => void): void {
  const out = f.let(p.out.add(p.begin.mul(p.outHeight).mul(p.outWidth).shl(2))) as unknown as Variable<'i32'>;
  f.loop(p.begin, p.end, 1, (plane) => {
    f.loop(0, p.outHeight, 1, (i) => {
      const h = plane.mul(p.inHeight).add(i.mul(p.inHeight).div(p.outHeight));
      body(out, f.let(p.in.add(h.mul(p.inWidth).shl(2))));
    });
  });
}

/** floor(q W / Q) for one q after another: a whole step, and one more whenever the remainders fill Q. */
function forEachNearest(
  f: FunctionBuilder,
  p: Parameters,
  out: Variable<'i32'>,
  row: I32,
  body: (x: I32, out: I32) => void,
): void {
  const step = f.let(p.inWidth.div(p.outWidth).shl(2));
  const rest = f.let(p.inWidth.rem(p.outWidth));
  const x = f.let(row);
  const sum = f.i32(0);
  f.loop(0, p.outWidth, 1, () => {
    body(x, out);
    out.set(out.add(4));
    sum.set(sum.add(rest));
    const full = f.let(sum.ge(p.outWidth));
    sum.set(sum.sub(full.mul(p.outWidth)));
    x.set(x.add(step).add(full.shl(2)));
  });
}

/** Rows of twice the width: four inputs and eight outputs at a time, then two outputs for one input. */
function forEachDouble(
  f: FunctionBuilder,
  p: Parameters,
  out: Variable<'i32'>,
  row: I32,
  one: (x: I32, out: I32) => void,
  four: (x: I32, out: I32) => void,
): void {
  const x = f.let(row);
  const left = f.let(p.inWidth);
  f.while(
    () => left.ge(4),
    () => {
      four(x, out);
      x.set(x.add(16));
      out.set(out.add(32));
      left.set(left.sub(4));
    },
  );
  f.while(
    () => left.gt(0),
    () => {
      one(x, out);
      one(x, f.let(out.add(4)));
      x.set(x.add(4));
      out.set(out.add(8));
      left.set(left.sub(1));
    },
  );
}

/** Gives `body` each output, the four inputs around it, and the weights of those below and to the right. */
function forEachPoint(
  f: FunctionBuilder,
  p: Parameters & { [K in keyof typeof tables]: Variable<'i32'> },
  body: (out: I32, corners: I32[], a: F32, b: F32) => void,
): void {
  const out = f.let(p.out.add(p.begin.mul(p.outHeight).mul(p.outWidth).shl(2)));
  f.loop(p.begin, p.end, 1, (plane) => {
    const start = f.let(p.in.add(plane.mul(p.inHeight).mul(p.inWidth).shl(2)));
    f.loop(0, p.outHeight.mul(12), 12, (i) => {
      const row = f.let(p.rows.add(i));
      const [above, below] = [0, 4].map((at) => f.let(start.add(I32.load(row, at))));
      const a = f.let(F32.load(row, 8));
      f.loop(0, p.outWidth.mul(12), 12, (j) => {
        const column = f.let(p.columns.add(j));
        const [left, right] = [0, 4].map((at) => f.let(I32.load(column, at)));
        const corners = [above.add(left), above.add(right), below.add(left), below.add(right)];
        body(
          out,
          corners.map((c) => f.let(c)),
          a,
          f.let(F32.load(column, 8)),
        );
        out.set(out.add(4));
      });
    });
  });
}

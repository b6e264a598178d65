import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { Program } from '../../../wasm/program.js';
import { F32, F64, type I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { accumulators, clear, forEachStep, maskStep, storeStep, total } from '../elementwise/steps.js';
import { contiguous, walkBlock } from '../norm/moments.js';
import { largestInWindow, sumOfWindow, toWindow, type Window } from './poolWindows.js';

export const parameters = {
  /** y or dy, x or dx, and the x that the backward pass of the maximum reads. */
  out: 'i32',
  in: 'i32',
  x: 'i32',
  inHeight: 'i32',
  inWidth: 'i32',
  outHeight: 'i32',
  outWidth: 'i32',
} as const;

type Parameters = { [K in keyof typeof parameters | keyof typeof span]: Variable<'i32'> };

/** Adaptive pooling of planes, which are the units; one window for the whole plane takes vectors. */
const adaptivePool = new Program('adaptivePool', (module) => {
  module.func('max', { ...parameters, ...span }, (f, p) => {
    forEachWindow(f, p, (out, planes, window) => f.store(out, largestInWindow(f, planes.in, window).best));
  });
  module.func('maxBackward', { ...parameters, ...span }, (f, p) => {
    forEachWindow(f, p, (out, planes, window) => {
      const { at } = largestInWindow(f, planes.x, window);
      const to = f.let(planes.in.add(at.shl(2)));
      f.store(to, F32.load(to).add(F32.load(out)));
    });
  });
  module.func('average', { ...parameters, ...span }, (f, p) => {
    forEachWindow(f, p, (out, planes, window) => {
      f.store(out, sumOfWindow(f, planes.in, window).div(sizeOf(window)).toF32());
    });
  });
  module.func('averageBackward', { ...parameters, ...span }, (f, p) => {
    forEachWindow(f, p, (out, planes, window) => {
      const share = f.let(F32.load(out).toF64().div(sizeOf(window)));
      toWindow(f, planes.in, window, (cell) => f.store(cell, F32.load(cell).toF64().add(share).toF32()));
    });
  });
  module.func('globalAverage', { ...parameters, ...span }, (f, p) => {
    const sums = accumulators(f);
    forEachPlane(f, p, (out, offset, size) => {
      const sum = f.let(F64.of(0));
      contiguous(
        f,
        offset,
        size,
      )((block) => {
        clear(sums);
        walkBlock(f, block, [p.in], (step, [x]) => {
          sums[step.lane].set(sums[step.lane].add(maskStep(F32x4.load(x, step.offset), step)));
        });
        sum.set(sum.add(total(f, sums)));
      });
      f.store(out, sum.div(size.toF64()).toF32());
    });
  });
  module.func('globalAverageBackward', { ...parameters, ...span }, (f, p) => {
    forEachPlane(f, p, (out, offset, size) => {
      const share = f.let(F32x4.of(F32.load(out).toF64().div(size.toF64()).toF32()));
      const dx = f.let(p.in.add(offset));
      forEachStep(f, size, [dx], 4, (step) => storeStep(f, dx, F32x4.load(dx, step.offset).add(share), step));
    });
  });
});

export const max = adaptivePool.entry('max', parameters);
export const maxBackward = adaptivePool.entry('maxBackward', parameters);
export const average = adaptivePool.entry('average', parameters);
export const averageBackward = adaptivePool.entry('averageBackward', parameters);
export const globalAverage = adaptivePool.entry('globalAverage', parameters);
export const globalAverageBackward = adaptivePool.entry('globalAverageBackward', parameters);

function sizeOf({ start, end, left, right }: Window): F64 {
  return end.sub(start).mul(right.sub(left)).toF64();
}

function forEachPlane(f: FunctionBuilder, p: Parameters, body: (out: I32, offset: I32, size: I32) => void): void {
  const size = f.let(p.inHeight.mul(p.inWidth));
  f.loop(p.begin, p.end, 1, (plane) => body(f.let(p.out.add(plane.shl(2))), f.let(plane.mul(size).shl(2)), size));
}

function forEachWindow(
  f: FunctionBuilder,
  p: Parameters,
  body: (out: I32, planes: { in: I32; x: I32 }, window: Window) => void,
): void {
  const planeBytes = f.let(p.inHeight.mul(p.inWidth).shl(2));
  const out = f.let(p.out.add(p.begin.mul(p.outHeight).mul(p.outWidth).shl(2)));
  // From floor(i n / m) to ceil((i + 1) n / m).
  const range = (i: I32, n: I32, m: I32): [I32, I32] => [
    f.let(i.mul(n).div(m)),
    f.let(i.add(1).mul(n).add(m).sub(1).div(m)),
  ];
  f.loop(p.begin, p.end, 1, (plane) => {
    const offset = f.let(plane.mul(planeBytes));
    const planes = { in: f.let(p.in.add(offset)), x: f.let(p.x.add(offset)) };
    f.loop(0, p.outHeight, 1, (row) => {
      const [start, end] = range(row, p.inHeight, p.outHeight);
      f.loop(0, p.outWidth, 1, (column) => {
        const [left, right] = range(column, p.inWidth, p.outWidth);
        body(out, planes, { start, end, left, right, width: p.inWidth });
        out.set(out.add(4));
      });
    });
  });
}

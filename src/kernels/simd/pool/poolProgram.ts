import type { Entry } from '../../../wasm/entry.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import { slidingParameters } from '../conv/window.js';
import { largestInWindow, type Rows, sumOfWindow, toWindow, type Window } from './poolWindows.js';

/** Four windows at a time are read with whole vectors at these strides; at others one by one. */
export const VECTOR_STRIDES = [1, 2] as const;

export const parameters = {
  /** y or dy, x or dx, and the x that the backward pass of the maximum reads. */
  out: 'i32',
  in: 'i32',
  x: 'i32',
  inHeight: 'i32',
  inWidth: 'i32',
  ...slidingParameters,
  countIncludePad: 'i32',
  /** The windows from firstInside to endInside lie between the left and the right edge: these go four at a time. */
  firstInside: 'i32',
  endInside: 'i32',
} as const;

type Parameters = { [K in keyof typeof parameters | keyof typeof span]: Variable<'i32'> };

/** How the windows of a row are read: the commonest widths are unrolled. */
export interface Reading {
  stride: number;
  taps: number | null;
}

/** Part of a function's name. */
function readingName({ stride, taps }: Reading): string {
  return `_stride${stride}${taps === 2 || taps === 3 ? `_taps${taps}` : ''}`;
}

/** Pooling of planes, which are the units. */
const pool = new Program('pool', (module) => {
  for (const stride of VECTOR_STRIDES) {
    for (const taps of [2, 3, null]) {
      const reading = { stride, taps };
      defineMax(module, reading);
      defineMaxBackward(module, reading);
      defineAverage(module, reading);
    }
  }
  defineMaxBackwardTwoByTwo(module);
  for (const way of ['single', 'overlapping', 'pairs'] as const) defineAverageBackward(module, way);
});

export type PoolEntry = Entry<typeof parameters>;

/** The functions of one name, one for each reading. */
function readings(name: string): (reading: Reading) => PoolEntry {
  const known = new Map<number, PoolEntry>();
  for (const stride of VECTOR_STRIDES) {
    for (const taps of [2, 3, 0]) {
      known.set(4 * stride + taps, pool.entry(name + readingName({ stride, taps }), parameters));
    }
  }
  return ({ stride, taps }) => known.get(4 * stride + (taps === 2 || taps === 3 ? taps : 0)) as PoolEntry;
}

export const max = readings('max');
export const maxBackward = readings('maxBackward');
export const maxBackwardTwoByTwo = pool.entry('maxBackwardTwoByTwo', parameters);
export const average = readings('average');
export const averageBackward = {
  single: pool.entry('averageBackward_single', parameters),
  overlapping: pool.entry('averageBackward_overlapping', parameters),
  pairs: pool.entry('averageBackward_pairs', parameters),
} as const;

interface Place {
  /** The output, and the planes of the two tensors of the input's size. */
  out: I32;
  in: I32;
  x: I32;
  rows: Rows;
  /** Rows that count for an average. */
  height: I32;
}

/**
 * Walks over the windows of planes [begin, end): `four` where four lie inside, else `one`. If windows `mayRepeat`, the last
 * four inside are taken together although the first `done` of them are done.
 */
function forEachWindow(
  f: FunctionBuilder,
  p: Parameters,
  four: (place: Place, left: I32, done: I32) => void,
  one: (place: Place, window: Window, width: I32) => void,
  mayRepeat = false,
): void {
  const planeBytes = f.let(p.inHeight.mul(p.inWidth).shl(2));
  const out = f.let(p.out.add(p.begin.mul(p.outHeight).mul(p.outWidth).shl(2)));
  f.loop(p.begin, p.end, 1, (plane) => {
    const offset = f.let(plane.mul(planeBytes));
    const base = { in: f.let(p.in.add(offset)), x: f.let(p.x.add(offset)) };
    f.loop(0, p.outHeight, 1, (row) => {
      const top = f.let(row.mul(p.strideHeight).sub(p.padTop));
      const bottom = f.let(top.add(p.kernelHeight));
      const rows = { start: f.let(top.max(0)), end: f.let(bottom.min(p.inHeight)), width: p.inWidth };
      const padded = bottom.min(p.inHeight.add(p.padTop)).sub(top);
      const height = f.let(p.countIncludePad.select(padded, rows.end.sub(rows.start)));
      const place = { ...base, out, rows, height };
      const q = f.i32(0);
      f.while(
        () => q.lt(p.outWidth),
        () => {
          const done = f.let(I32.of(0));
          if (mayRepeat) {
            const over = f.let(q.add(4).sub(p.endInside));
            const fits = q.lt(p.endInside).and(q.sub(over).ge(p.firstInside));
            f.if(over.gt(0).and(fits), () => {
              done.set(over);
              q.set(q.sub(over));
              out.set(out.sub(over.shl(2)));
            });
          }
          const left = f.let(q.mul(p.strideWidth).sub(p.padLeft));
          f.if(
            q.ge(p.firstInside).and(q.add(4).le(p.endInside)),
            () => {
              four(place, left, done);
              q.set(q.add(4));
              out.set(out.add(16));
            },
            () => {
              const right = f.let(left.add(p.kernelWidth));
              const window = { ...rows, left: f.let(left.max(0)), right: f.let(right.min(p.inWidth)) };
              const all = right.min(p.inWidth.add(p.padLeft)).sub(left);
              one(place, window, p.countIncludePad.select(all, window.right.sub(window.left)));
              q.set(q.add(1));
              out.set(out.add(4));
            },
          );
        },
      );
    });
  });
}

/** Gives `body` the cells of four windows at a time, and a pointer to the first of them. */
function forEachCell(
  f: FunctionBuilder,
  p: Parameters,
  plane: I32,
  { rows }: Place,
  left: I32,
  { stride, taps }: Reading,
  body: (cells: F32x4, row: I32, s: I32) => void,
): void {
  const cellsAt = (at: I32, offset: number): F32x4 => {
    const cells = F32x4.load(at, offset);
    return stride === 1 ? cells : cells.shuffle(F32x4.load(at, offset + 16), 0, 2, 4, 6);
  };
  f.loop(rows.start, rows.end, 1, (h) => {
    const row = f.let(h.mul(p.inWidth).add(left));
    const at = f.let(plane.add(row.shl(2)));
    for (let s = 0; taps !== null && s < taps; s++) body(cellsAt(at, 4 * s), row, I32.of(s));
    if (taps !== null) return;
    f.loop(0, p.kernelWidth, 1, (s) => {
      body(cellsAt(at, 0), row, s);
      at.set(at.add(4));
    });
  });
}

/** pmax is one machine instruction where max is eight; it loses NaN, which is therefore looked for apart. */
function defineMax(module: ModuleBuilder, reading: Reading): void {
  module.func(`max${readingName(reading)}`, { ...parameters, ...span }, (f, p) => {
    forEachWindow(
      f,
      p,
      (place, left) => {
        const best = f.let(F32x4.of(-Infinity));
        const nan = f.let(I32x4.of(0));
        forEachCell(f, p, place.in, place, left, reading, (loaded) => {
          const cells = f.let(loaded);
          best.set(best.pmax(cells));
          nan.set(nan.or(cells.ne(cells)));
        });
        f.store(place.out, nan.select(F32x4.of(Number.NaN), best));
      },
      (place, window) => f.store(place.out, largestInWindow(f, place.in, window).best),
      true,
    );
  });
}

/** Four searches in parallel, then four additions: the windows may overlap. */
function defineMaxBackward(module: ModuleBuilder, reading: Reading): void {
  const { stride } = reading;
  module.func(`maxBackward${readingName(reading)}`, { ...parameters, ...span }, (f, p) => {
    const addTo = (pointer: I32, value: F32): void => f.store(pointer, F32.load(pointer).add(value));
    forEachWindow(
      f,
      p,
      (place, left, done) => {
        const best = f.let(F32x4.of(-Infinity));
        const lanes = I32x4.lanes(0, stride, 2 * stride, 3 * stride);
        const at = f.let(I32x4.of(place.rows.start.mul(p.inWidth).add(left)).add(lanes));
        forEachCell(f, p, place.x, place, left, reading, (loaded, row, s) => {
          const cells = f.let(loaded);
          const wins = f.let(cells.gt(best).or(cells.ne(cells)));
          best.set(wins.select(cells, best));
          const here = I32x4.of(row.add(s)).add(lanes);
          at.set(wins.select(here.asF32x4(), at.asF32x4()).bits());
        });
        const dy = f.let(F32x4.load(place.out));
        for (let lane = 0; lane < 4; lane++) {
          const add = (): void => addTo(f.let(place.in.add(at.lane(lane).shl(2))), dy.lane(lane));
          if (lane === 3) add();
          else f.if(done.le(lane), add);
        }
      },
      (place, window) => {
        const { at } = largestInWindow(f, place.x, window);
        addTo(f.let(place.in.add(at.shl(2))), F32.load(place.out));
      },
      true,
    );
  });
}

/** Windows that do not overlap get their dy by masks: no search, no scattered addition. Unpadded 2x2 at stride 2. */
function defineMaxBackwardTwoByTwo(module: ModuleBuilder): void {
  module.func('maxBackwardTwoByTwo', { ...parameters, ...span }, (f, p) => {
    const later = (a: F32x4, b: F32x4): I32x4 => b.gt(a).or(b.ne(b));
    forEachWindow(
      f,
      p,
      (place, left) => {
        const above = f.let(place.rows.start.mul(p.inWidth).add(left).shl(2));
        const below = f.let(above.add(p.inWidth.shl(2)));
        const dy = f.let(F32x4.load(place.out));
        const [top, bottom] = [above, below].map((row) => {
          const a = f.let(F32x4.load(place.x.add(row)));
          const b = f.let(F32x4.load(place.x.add(row), 16));
          const even = f.let(a.shuffle(b, 0, 2, 4, 6));
          const odd = f.let(a.shuffle(b, 1, 3, 5, 7));
          const second = f.let(later(even, odd));
          return { second, best: f.let(second.select(odd, even)) };
        });
        const lower = f.let(later(top.best, bottom.best));
        for (const [row, { second }, share] of [
          [above, top, lower.not().mask(dy)],
          [below, bottom, lower.mask(dy)],
        ] as const) {
          const d = f.let(share);
          const even = f.let(second.not().mask(d));
          const odd = f.let(second.mask(d));
          const to = f.let(place.in.add(row));
          f.store(to, F32x4.load(to).add(even.shuffle(odd, 0, 4, 1, 5)));
          f.store(to, F32x4.load(to, 16).add(even.shuffle(odd, 2, 6, 3, 7)), 16);
        }
      },
      (place, window) => {
        const { at } = largestInWindow(f, place.x, window);
        const to = f.let(place.in.add(at.shl(2)));
        f.store(to, F32.load(to).add(F32.load(place.out)));
      },
    );
  });
}

function defineAverage(module: ModuleBuilder, reading: Reading): void {
  module.func(`average${readingName(reading)}`, { ...parameters, ...span }, (f, p) => {
    forEachWindow(
      f,
      p,
      (place, left) => {
        const sum = f.let(F32x4.of(0));
        forEachCell(f, p, place.in, place, left, reading, (cells) => sum.set(sum.add(cells)));
        f.store(place.out, sum.div(F32x4.of(place.height.mul(p.kernelWidth).toF32())));
      },
      (place, window, width) => {
        const size = f.let(place.height.mul(width).toF64());
        f.store(place.out, sumOfWindow(f, place.in, window).div(size).toF32());
      },
      true,
    );
  });
}

/** Four windows at a time where they lie side by side (stride 1), or do not overlap (2x2 at stride 2: pairs of equal shares). */
function defineAverageBackward(module: ModuleBuilder, way: 'single' | 'overlapping' | 'pairs'): void {
  module.func(`averageBackward_${way}`, { ...parameters, ...span }, (f, p) => {
    forEachWindow(
      f,
      p,
      (place, left) => {
        if (way === 'single') return;
        const share = f.let(F32x4.load(place.out).div(F32x4.of(place.height.mul(p.kernelWidth).toF32())));
        const add = (to: I32, value: F32x4, offset = 0): void => f.store(to, F32x4.load(to, offset).add(value), offset);
        f.loop(place.rows.start, place.rows.end, 1, (h) => {
          const to = f.let(place.in.add(h.mul(p.inWidth).add(left).shl(2)));
          if (way === 'pairs') {
            add(to, share.shuffle(share, 0, 0, 1, 1));
            add(to, share.shuffle(share, 2, 2, 3, 3), 16);
            return;
          }
          f.loop(0, p.kernelWidth, 1, () => {
            add(to, share);
            to.set(to.add(4));
          });
        });
      },
      (place, window, width) => {
        const share = f.let(F32.load(place.out).toF64().div(place.height.mul(width).toF64()));
        toWindow(f, place.in, window, (cell) => f.store(cell, F32.load(cell).toF64().add(share).toF32()));
      },
    );
  });
}

import type { FunctionBuilder, Variable } from '../wasm/function.js';
import type { ModuleBuilder } from '../wasm/module.js';
import { Program } from '../wasm/program.js';
import { F32, type I32 } from '../wasm/scalars.js';
import { span } from '../wasm/span.js';
import { F32x4 } from '../wasm/vectors.js';
import { emitEpilogue, epilogue } from './epilogue.js';
import { storeLanes } from './steps.js';
import { emitCopy, emitLoadStrided, emitZero } from './window.js';

/** Output rows that are made from one staging of their input rows. */
export const BAND = 16;

/** One filter a plane. `spread` puts stride - 1 zeros between the pixels of the source: so the input gradient is a convolution too. */
const shape = {
  sourceChannels: 'i32',
  height: 'i32',
  width: 'i32',
  targetChannels: 'i32',
  outHeight: 'i32',
  outWidth: 'i32',
  kernelHeight: 'i32',
  kernelWidth: 'i32',
  strideHeight: 'i32',
  strideWidth: 'i32',
  padTop: 'i32',
  padLeft: 'i32',
  dilationHeight: 'i32',
  dilationWidth: 'i32',
  spreadHeight: 'i32',
  spreadWidth: 'i32',
  scratch: 'i32',
  scratchBytes: 'i32',
  rowBytes: 'i32',
} as const;

type Shape = { [K in keyof typeof shape]: Variable<'i32'> };

/** Convolutions with one input channel a group: a filter slides over one plane, straight from a padded copy of its rows. */
export const depthwise = new Program('depthwise', (module) => {
  defineApply(module);
  defineWeightGradient(module);
});

/** Copies the source rows that output rows [first, first + count) read, spread out and padded with zeros. */
function emitStage(f: FunctionBuilder, p: Shape, plane: I32, first: I32, count: I32, stage: I32): void {
  const top = f.let(first.mul(p.strideHeight).sub(p.padTop));
  const rows = f.let(count.sub(1).mul(p.strideHeight).add(p.kernelHeight.sub(1).mul(p.dilationHeight)).add(1));
  const to = f.let(stage);
  const left = f.let(p.padLeft.shl(2));
  const eachRow = (copy: (h: I32) => void): void => {
    f.loop(0, rows, 1, (r) => {
      copy(f.let(top.add(r)));
      to.set(to.add(p.rowBytes));
    });
  };
  f.if(
    p.spreadHeight.eq(1).and(p.spreadWidth.eq(1)),
    () => {
      const widthBytes = f.let(p.width.shl(2));
      const behind = f.let(p.rowBytes.sub(left).sub(widthBytes));
      eachRow((h) => {
        f.if(
          h.below(p.height),
          () => {
            const line = f.let(plane.add(h.mul(widthBytes)));
            const target = f.let(to.add(left));
            emitZero(f, to, left);
            // Whole vectors: what is too much is overwritten by the zeros behind.
            f.loop(0, widthBytes, 16, (i) => f.store(target.add(i), F32x4.load(line.add(i))));
            emitZero(f, target.add(widthBytes), behind);
          },
          () => emitZero(f, to, p.rowBytes),
        );
      });
    },
    () => eachRow((h) => emitSpreadRow(f, p, plane, h, to)),
  );
}

/** One row with zeros between its pixels; all zeros where h lies between rows or outside. */
function emitSpreadRow(f: FunctionBuilder, p: Shape, plane: I32, h: I32, to: I32): void {
  const source = f.let(h.div(p.spreadHeight));
  const inside = h.ge(0).and(source.lt(p.height)).and(source.mul(p.spreadHeight).eq(h));
  emitZero(f, to, p.rowBytes);
  f.if(inside, () => {
    const line = f.let(plane.add(source.mul(p.width).shl(2)));
    const target = f.let(to.add(p.padLeft.shl(2)));
    f.loop(0, p.width, 1, (w) => {
      f.store(target.add(w.mul(p.spreadWidth).shl(2)), F32.load(line.add(w.shl(2))));
    });
  });
}

/**
 * target[n][t] = epilogue(sum over its sources of filter * source plane); accumulate adds to what is there. In the forward pass a target has
 * one source, t / perSource; backwards it has `sources` of them, and the filters are read from the end (`tapStep` -4). A unit is a plane.
 */
function defineApply(module: ModuleBuilder): void {
  const parameters = {
    y: 'i32',
    x: 'i32',
    w: 'i32',
    accumulate: 'i32',
    sources: 'i32',
    perSource: 'i32',
    firstTap: 'i32',
    tapStep: 'i32',
    ...epilogue,
    ...shape,
    ...span,
  } as const;
  module.func('apply', parameters, (f, p) => {
    const stage = f.let(p.scratch.add(p.thread.mul(p.scratchBytes)));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    f.loop(p.begin, p.end, 1, (unit) => {
      const image = f.let(unit.div(p.targetChannels));
      const t = f.let(unit.sub(image.mul(p.targetChannels)));
      const out = f.let(p.y.add(unit.mul(p.outHeight.mul(p.outWidth)).shl(2)));
      f.loop(0, p.sources, 1, (m) => {
        const filterIndex = f.let(t.mul(p.sources).add(m));
        const source = f.let(filterIndex.div(p.perSource));
        const plane = f.let(p.x.add(image.mul(p.sourceChannels).add(source).mul(p.height.mul(p.width)).shl(2)));
        const filter = f.let(p.w.add(filterIndex.mul(taps).shl(2)).add(p.firstTap));
        const adds = f.let(p.accumulate.or(m.ne(0)));
        const finish = emitEpilogue(f, p, t);
        f.loop(0, p.outHeight, BAND, (first) => {
          const count = f.let(p.outHeight.sub(first).min(BAND));
          emitStage(f, p, plane, first, count, stage);
          const target = f.let(out.add(first.mul(p.outWidth).shl(2)));
          const rows = { stage, filter, tapStep: p.tapStep, finish, adds, target, count };
          emitVariants(f, p, (window) => emitRows(f, p, rows, window));
        });
      });
    });
  });
}

interface Rows {
  stage: I32;
  filter: I32;
  tapStep: I32;
  finish: (sum: F32x4) => F32x4;
  adds: I32;
  target: I32;
  count: I32;
}

/** The windows that have code of their own. */
interface WindowKind {
  /** 3 for filters of 3x3, which are unrolled and held in registers; 5 for rows of five taps, which are unrolled; 0 for any. */
  readonly taps: 3 | 5 | 0;
  /** From one output of a row to the next; 0 for any. */
  readonly stride: 1 | 2 | 0;
  /** Neighbouring rows of outputs read neighbouring rows of pixels. */
  readonly dense?: true;
}

/** The code of `body` for each kind of window, of which one runs. */
function emitVariants(f: FunctionBuilder, p: Shape, body: (window: WindowKind) => void): void {
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
function emitTaps(f: FunctionBuilder, { stride }: WindowKind, line: I32, columns: readonly I32[], step: I32): F32x4[] {
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
function emitColumns(f: FunctionBuilder, p: Shape, taps: number): I32[] {
  return Array.from({ length: taps }, (_, s) => f.let(p.dilationWidth.shl(2).mul(s)));
}

/** The rows of a band; where windows are dense two at a time, which share what they read. */
function emitRows(f: FunctionBuilder, p: Shape, rows: Rows, window: WindowKind): void {
  const { stage, filter, tapStep, target, count } = rows;
  const fixed =
    window.taps === 3 ? Array.from({ length: 9 }, (_, i) => f.let(F32x4.splat(filter.add(tapStep.mul(i))))) : [];
  const row = f.let(stage);
  const to = f.let(target);
  const advance = (lines: number): void => {
    row.set(row.add(p.strideHeight.mul(p.rowBytes).mul(lines)));
    to.set(to.add(p.outWidth.shl(2).mul(lines)));
  };
  if (window.dense) {
    f.loop(0, count.shr(1), 1, () => {
      emitLines(f, p, rows, row, to, 2, (line) => emitDense(f, p, line, fixed));
      advance(2);
    });
  }
  const step = f.let(p.strideWidth.shl(2));
  f.loop(0, window.dense ? count.and(1) : count, 1, () => {
    emitLines(f, p, rows, row, to, 1, (line) => [emitWindow(f, p, rows, line, step, window, fixed)]);
    advance(1);
  });
}

/** `lines` rows of outputs, four at a time; `sumsAt` makes four of each row from where the window of the first begins. */
function emitLines(
  f: FunctionBuilder,
  p: Shape,
  { finish, adds }: Rows,
  row: I32,
  target: I32,
  lines: 1 | 2,
  sumsAt: (line: I32) => Variable<'f32x4'>[],
): void {
  const step = f.let(p.strideWidth.shl(4));
  const at = f.let(row);
  const targets = Array.from({ length: lines }, (_, i) => f.let(target.add(p.outWidth.shl(2).mul(i))));
  f.loop(0, p.outWidth, 4, (q) => {
    const sums = sumsAt(at);
    const left = f.let(p.outWidth.sub(q));
    f.if(
      left.ge(4),
      () => {
        for (const [i, to] of targets.entries()) {
          f.if(adds, () => sums[i].set(sums[i].add(F32x4.load(to))));
          f.store(to, finish(sums[i]));
          to.set(to.add(16));
        }
      },
      () => {
        for (const [i, to] of targets.entries()) {
          f.if(adds, () => {
            const old = f.let(F32x4.of(0));
            for (const lane of [0, 1, 2] as const)
              f.if(left.gt(lane), () => old.set(old.loadLane(to.add(4 * lane), lane)));
            sums[i].set(sums[i].add(old));
          });
          storeLanes(f, to, finish(sums[i]), left);
        }
      },
    );
    at.set(at.add(step));
  });
}

/** Four outputs of one row. */
function emitWindow(
  f: FunctionBuilder,
  p: Shape,
  { filter, tapStep }: Rows,
  first: I32,
  step: I32,
  window: WindowKind,
  fixed: readonly F32x4[],
): Variable<'f32x4'> {
  const tapRow = f.let(p.dilationHeight.mul(p.rowBytes));
  const tapColumn = f.let(p.dilationWidth.shl(2));
  const sum = f.let(F32x4.of(0));
  const line = f.let(first);
  if (window.taps === 0) {
    const tap = f.let(filter);
    f.loop(0, p.kernelHeight, 1, () => {
      const pixel = f.let(line);
      f.loop(0, p.kernelWidth, 1, () => {
        sum.set(f.fma(F32x4.splat(tap), emitLoadStrided(f, pixel, step), sum));
        tap.set(tap.add(tapStep));
        pixel.set(pixel.add(tapColumn));
      });
      line.set(line.add(tapRow));
    });
    return sum;
  }
  const columns = emitColumns(f, p, window.taps);
  if (window.taps === 5) {
    const tap = f.let(filter);
    f.loop(0, p.kernelHeight, 1, () => {
      emitTaps(f, window, line, columns, step).forEach((x) => {
        sum.set(f.fma(F32x4.splat(tap), x, sum));
        tap.set(tap.add(tapStep));
      });
      line.set(line.add(tapRow));
    });
    return sum;
  }
  for (let r = 0; r < 3; r++) {
    if (r > 0) line.set(line.add(tapRow));
    emitTaps(f, window, line, columns, step).forEach((x, s) => {
      sum.set(f.fma(fixed[3 * r + s], x, sum));
    });
  }
  return sum;
}

/** Four outputs of each of two rows, in the same order of sums: of the four rows of pixels that they see, two belong to both. */
function emitDense(f: FunctionBuilder, p: Shape, first: I32, fixed: readonly F32x4[]): Variable<'f32x4'>[] {
  const columns = emitColumns(f, p, 3);
  const sums = [0, 1].map(() => f.let(F32x4.of(0)));
  const line = f.let(first);
  for (let r = 0; r < 4; r++) {
    if (r > 0) line.set(line.add(p.rowBytes));
    for (const [s, column] of columns.entries()) {
      const x = f.let(F32x4.load(line.add(column)));
      for (const [i, sum] of sums.entries()) {
        if (r - i >= 0 && r - i < 3) sum.set(f.fma(fixed[3 * (r - i) + s], x, sum));
      }
    }
  }
  return sums;
}

/** dw[o][r][s] += sum over images and pixels of dy * x. A unit is an output channel, so each sum has one order. */
function defineWeightGradient(module: ModuleBuilder): void {
  const parameters = {
    dw: 'i32',
    dy: 'i32',
    x: 'i32',
    batch: 'i32',
    perSource: 'i32',
    stageBytes: 'i32',
    ...shape,
    ...span,
  } as const;
  module.func('weights', parameters, (f, p) => {
    const stage = f.let(p.scratch.add(p.thread.mul(p.scratchBytes)));
    const gradients = f.let(stage.add(p.stageBytes));
    const taps = f.let(p.kernelHeight.mul(p.kernelWidth));
    const lineBytes = f.let(p.outWidth.add(3).and(-4).shl(2));
    f.loop(p.begin, p.end, 1, (o) => {
      const totals = Array.from({ length: 9 }, () => f.let(F32x4.of(0)));
      f.loop(0, p.batch, 1, (image) => {
        const source = f.let(
          p.x.add(image.mul(p.sourceChannels).add(o.div(p.perSource)).mul(p.height.mul(p.width)).shl(2)),
        );
        const plane = f.let(p.dy.add(image.mul(p.targetChannels).add(o).mul(p.outHeight.mul(p.outWidth)).shl(2)));
        f.loop(0, p.outHeight, BAND, (first) => {
          const count = f.let(p.outHeight.sub(first).min(BAND));
          emitStage(f, p, source, first, count, stage);
          f.loop(0, count, 1, (r) => {
            const line = f.let(gradients.add(r.mul(lineBytes)));
            f.store(line.add(lineBytes).sub(16), F32x4.of(0));
            emitCopy(f, line, plane.add(first.add(r).mul(p.outWidth).shl(2)), p.outWidth);
          });
          const band = { stage, gradients, lineBytes, count };
          emitVariants(f, p, (window) => {
            if (window.taps === 3) emitNineTaps(f, p, band, window, totals);
            else emitTapRows(f, p, band, window, f.let(p.dw.add(o.mul(taps).shl(2))));
          });
        });
      });
      f.if(p.kernelHeight.eq(3).and(p.kernelWidth.eq(3)), () => {
        const to = f.let(p.dw.add(o.mul(36)));
        totals.forEach((total, i) => {
          f.store(to, F32.load(to, 4 * i).add(lanes(total)), 4 * i);
        });
      });
    });
  });
}

/** A staged band of x, and of dy with zeros behind each row. */
interface Band {
  stage: I32;
  gradients: I32;
  lineBytes: I32;
  count: I32;
}

function lanes(sum: F32x4): F32 {
  return sum
    .lane(0)
    .add(sum.lane(1))
    .add(sum.lane(2).add(sum.lane(3)));
}

/** Nine sums at once: each vector of dy is read once. The sums of a band join `totals` at its end, so that none gets long. */
function emitNineTaps(
  f: FunctionBuilder,
  p: Shape,
  { stage, gradients, lineBytes, count }: Band,
  window: WindowKind,
  totals: readonly Variable<'f32x4'>[],
): void {
  const step = f.let(p.strideWidth.shl(2));
  const tapRow = f.let(p.dilationHeight.mul(p.rowBytes));
  const columns = emitColumns(f, p, 3);
  const sums = totals.map(() => f.let(F32x4.of(0)));
  const row = f.let(stage);
  const from = f.let(gradients);
  f.loop(0, count, 1, () => {
    const at = f.let(row);
    f.loop(0, lineBytes, 16, () => {
      const dy = f.let(F32x4.load(from));
      const line = f.let(at);
      for (let r = 0; r < 3; r++) {
        if (r > 0) line.set(line.add(tapRow));
        emitTaps(f, window, line, columns, step).forEach((x, s) => {
          sums[3 * r + s].set(f.fma(dy, x, sums[3 * r + s]));
        });
      }
      from.set(from.add(16));
      at.set(at.add(step.shl(2)));
    });
    row.set(row.add(p.strideHeight.mul(p.rowBytes)));
  });
  totals.forEach((total, i) => {
    total.set(total.add(sums[i]));
  });
}

/** A row of five taps after another, which are summed at once; of any other filter one tap after another. */
function emitTapRows(
  f: FunctionBuilder,
  p: Shape,
  { stage, gradients, lineBytes, count }: Band,
  window: WindowKind,
  dw: I32,
): void {
  const step = f.let(p.strideWidth.shl(2));
  const atOnce = window.taps === 5 ? 5 : 1;
  const columns = emitColumns(f, p, atOnce);
  const to = f.let(dw);
  f.loop(0, p.kernelHeight, 1, (r) => {
    f.loop(0, p.kernelWidth, atOnce, (s) => {
      const sums = columns.map(() => f.let(F32x4.of(0)));
      const row = f.let(stage.add(r.mul(p.dilationHeight).mul(p.rowBytes)).add(s.mul(p.dilationWidth).shl(2)));
      const from = f.let(gradients);
      f.loop(0, count, 1, () => {
        const at = f.let(row);
        f.loop(0, lineBytes, 16, () => {
          const dy = f.let(F32x4.load(from));
          emitTaps(f, window, at, columns, step).forEach((x, i) => {
            sums[i].set(f.fma(dy, x, sums[i]));
          });
          from.set(from.add(16));
          at.set(at.add(step.shl(2)));
        });
        row.set(row.add(p.strideHeight.mul(p.rowBytes)));
      });
      for (const [i, sum] of sums.entries()) f.store(to, F32.load(to, 4 * i).add(lanes(sum)), 4 * i);
      to.set(to.add(4 * atOnce));
    });
  });
}

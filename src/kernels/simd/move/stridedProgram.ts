import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { F32, type I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { transpose4 } from '../conv/winogradScheme.js';
import { emitVectors, storeSome } from '../elementwise/rows.js';
import { emitOffsets } from './axes.js';
import { emitWalk, walkParameters } from './walk.js';

/** A block of a transpose: a cache line of y wide, and long enough to be a unit of work. */
export const BLOCK_COLUMNS = 16;
export const BLOCK_ROWS = 256;

/**
 * y = x or y += factor * x between strided arrays (a is y, b is x), in three shapes:
 * - rows: neighbors along the last axis lie side by side in both;
 * - spread: the last axis of x is stretched, one number a row;
 * - single: any strides, one number at a time.
 *
 * Transposes have neighbors along one axis of x and along another of y; they move 4x4 tiles through registers.
 */
const stridedProgram = new Program('strided', (module) => {
  for (const mode of ['copy', 'add'] as const) {
    defineRows(module, mode);
    defineSingle(module, mode);
    defineTranspose(module, mode);
  }
  defineSpread(module);
  defineShare(module);
});

type Mode = 'copy' | 'add';

const parameters = { ...walkParameters, factor: 'f32' } as const;
const shareParameters = { ...walkParameters, toX: 'i32', toMaxima: 'i32' } as const;

function defineRows(module: ModuleBuilder, mode: Mode): void {
  module.func(`${mode}_rows`, { ...parameters, ...span }, (f, p) => {
    const factor = f.let(F32x4.of(p.factor));
    emitWalk(f, p, (y, x, n) => {
      const body = (at: I32, offset: number, rest: I32 | null): void => {
        const to = f.let(y.add(at));
        const v = F32x4.load(x.add(at), offset);
        const value = mode === 'copy' ? v : F32x4.load(to, offset).add(v.mul(factor));
        storeSome(f, to, value, offset, rest);
      };
      emitVectors(f, n, body, 4);
    });
  });
}

function defineSpread(module: ModuleBuilder): void {
  module.func('add_spread', { ...parameters, ...span }, (f, p) => {
    emitWalk(f, p, (y, x, n) => {
      const value = f.let(F32x4.of(F32.load(x).mul(p.factor)));
      const body = (at: I32, offset: number, rest: I32 | null): void => {
        const to = f.let(y.add(at));
        storeSome(f, to, F32x4.load(to, offset).add(value), offset, rest);
      };
      emitVectors(f, n, body, 4);
    });
  });
}

function defineSingle(module: ModuleBuilder, mode: Mode): void {
  module.func(`${mode}_single`, { ...parameters, ...span }, (f, p) => {
    emitWalk(f, p, (y, x, n) => {
      f.loop(0, n, 1, () => {
        f.store(y, mode === 'copy' ? F32.load(x) : F32.load(y).add(F32.load(x).mul(p.factor)));
        y.set(y.add(p.aStep));
        x.set(x.add(p.bStep));
      });
    });
  });
}

/**
 * dx += part where x equals the maximum (a is dx, b the part, one a row or one an element). `toX` and `toMaxima` lead from
 * there to x and to the maxima.
 */
function defineShare(module: ModuleBuilder): void {
  for (const kind of ['rows', 'spread'] as const) {
    module.func(`share_${kind}`, { ...shareParameters, ...span }, (f, p) => {
      emitWalk(f, p, (dx, part, n) => {
        const share = f.variable('f32x4');
        const largest = f.variable('f32x4');
        const read = (pointer: I32): void => {
          const load = kind === 'rows' ? F32x4.load : F32x4.splat;
          share.set(load(pointer));
          largest.set(load(pointer.add(p.toMaxima)));
        };
        if (kind === 'spread') read(part);
        emitVectors(f, n, (at, offset, rest) => {
          const to = f.let(dx.add(at));
          if (kind === 'rows') read(part.add(at));
          const same = F32x4.load(to.add(p.toX), offset).eq(largest);
          storeSome(f, to, F32x4.load(to, offset).add(same.mask(share)), offset, rest);
        });
      });
    });
  }
}

const transposeParameters = {
  y: 'i32',
  x: 'i32',
  factor: 'f32',
  iSize: 'i32',
  jSize: 'i32',
  /** Bytes in y between neighbors along i, and in x along j. */
  yStride: 'i32',
  xStride: 'i32',
  table: 'i32',
  axes: 'i32',
} as const;

/**
 * Axis i lies side by side in x, axis j in y. A unit is 256 of i by 16 of j of one plane of the other axes.
 */
function defineTranspose(module: ModuleBuilder, mode: Mode): void {
  module.func(`${mode}_transpose`, { ...transposeParameters, ...span }, (f, p) => {
    const factor = f.let(F32x4.of(p.factor));
    const iBlocks = f.let(p.iSize.add(BLOCK_ROWS - 1).div(BLOCK_ROWS));
    const jBlocks = f.let(p.jSize.add(BLOCK_COLUMNS - 1).div(BLOCK_COLUMNS));
    const yOffset = f.i32();
    const xOffset = f.i32();
    const toY = (i: I32, j: I32): I32 => p.y.add(yOffset).add(i.mul(p.yStride)).add(j.shl(2));
    const toX = (i: I32, j: I32): I32 => p.x.add(xOffset).add(j.mul(p.xStride)).add(i.shl(2));
    f.loop(p.begin, p.end, 1, (unit) => {
      const index = f.let(unit.div(iBlocks));
      const iBegin = f.let(unit.sub(index.mul(iBlocks)).mul(BLOCK_ROWS));
      const iEnd = f.let(iBegin.add(BLOCK_ROWS).min(p.iSize));
      const plane = f.let(index.div(jBlocks));
      const jBegin = f.let(index.sub(plane.mul(jBlocks)).mul(BLOCK_COLUMNS));
      const jEnd = f.let(jBegin.add(BLOCK_COLUMNS).min(p.jSize));
      emitOffsets(f, plane, p.table, p.axes, [yOffset, xOffset]);
      const iWhole = f.let(iBegin.add(iEnd.sub(iBegin).and(-4)));
      const jWhole = f.let(jBegin.add(jEnd.sub(jBegin).and(-4)));
      f.loop(iBegin, iWhole, 4, (i) => {
        f.loop(jBegin, jWhole, 4, (j) => emitTile(f, mode, factor, toY(i, j), toX(i, j), p.yStride, p.xStride));
      });
      // What no tile covers: the last columns of all rows, and the last rows of the columns before them.
      const corners = [
        [iBegin, iEnd, jWhole, jEnd],
        [iWhole, iEnd, jBegin, jWhole],
      ] as const;
      for (const [iFrom, iTo, jFrom, jTo] of corners) {
        f.loop(iFrom, iTo, 1, (i) => {
          f.loop(jFrom, jTo, 1, (j) => {
            const to = f.let(toY(i, j));
            const v = F32.load(toX(i, j));
            f.store(to, mode === 'copy' ? v : F32.load(to).add(v.mul(p.factor)));
          });
        });
      }
    });
  });
}

function emitTile(f: FunctionBuilder, mode: Mode, factor: F32x4, y: I32, x: I32, yStride: I32, xStride: I32): void {
  const from = f.let(x);
  const to = f.let(y);
  const columns = [0, 1, 2, 3].map((j) => {
    if (j > 0) from.set(from.add(xStride));
    return f.let(F32x4.load(from));
  });
  transpose4(f, columns).forEach((row, i) => {
    if (i > 0) to.set(to.add(yStride));
    f.store(to, mode === 'copy' ? row : F32x4.load(to).add(row.mul(factor)));
  });
}

export const walks = stridedProgram.entries(
  ['copy_rows', 'copy_single', 'add_rows', 'add_single', 'add_spread'],
  parameters,
);
export const shares = stridedProgram.entries(['share_rows', 'share_spread'], shareParameters);
export const transposes = stridedProgram.entries(['copy_transpose', 'add_transpose'], transposeParameters);

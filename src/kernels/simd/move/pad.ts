import type { Floats } from '../../../memory/memory.js';
import type { Entry } from '../../../wasm/entry.js';
import { Program } from '../../../wasm/program.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { scratchInts } from '../../../wasm/scratch.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import type { PadGeometry } from '../../contracts/movement.js';
import { emitVectors, storeSome } from '../elementwise/rows.js';

const parameters = {
  /** The padded images and the others. */
  y: 'i32',
  x: 'i32',
  value: 'f32',
  inHeight: 'i32',
  inWidth: 'i32',
  outHeight: 'i32',
  outWidth: 'i32',
  /** The table of rows; that of columns follows. */
  table: 'i32',
  /** The stretch of output columns that lies side by side in x too. */
  begin0: 'i32',
  end0: 'i32',
} as const;

/** Copies the stretch of each row that is side by side in both images by vectors, and looks up the others one by one. */
const program = new Program('pad', (module) => {
  module.func('pad', { ...parameters, ...span }, (f, p) => {
    const columns = f.let(p.table.add(p.outHeight.shl(2)));
    const fill = f.let(F32x4.of(p.value));
    // A unit is a row of y.
    f.loop(p.begin, p.end, 1, (unit) => {
      const plane = f.let(unit.div(p.outHeight));
      const row = f.let(I32.load(p.table.add(unit.sub(plane.mul(p.outHeight)).shl(2))));
      const to = f.let(p.y.add(unit.mul(p.outWidth).shl(2)));
      f.if(
        row.lt(0),
        () => emitVectors(f, p.outWidth, (at, offset, rest) => storeSome(f, to.add(at), fill, offset, rest)),
        () => {
          const from = f.let(p.x.add(plane.mul(p.inHeight).add(row).mul(p.inWidth).shl(2)));
          const lookUp = (begin: I32 | number, end: I32): void => {
            f.loop(begin, end, 1, (q) => {
              const column = f.let(I32.load(columns.add(q.shl(2))));
              const pixel = f.let(p.value);
              f.if(column.ge(0), () => pixel.set(F32.load(from.add(column.shl(2)))));
              f.store(to.add(q.shl(2)), pixel);
            });
          };
          lookUp(0, p.begin0);
          const middle = f.let(from.add(I32.load(columns.add(p.begin0.shl(2))).shl(2)));
          const target = f.let(to.add(p.begin0.shl(2)));
          const copy = (at: I32, offset: number, rest: I32 | null): void =>
            storeSome(f, target.add(at), F32x4.load(middle.add(at), offset), offset, rest);
          emitVectors(f, p.end0.sub(p.begin0), copy, 4);
          lookUp(p.end0, p.outWidth);
        },
      );
    });
  });

  module.func('padBackward', { ...parameters, ...span }, (f, p) => {
    const columns = f.let(p.table.add(p.outHeight.shl(2)));
    // A unit is an image: rows of y may come from the same row of x.
    f.loop(p.begin, p.end, 1, (plane) => {
      f.loop(0, p.outHeight, 1, (h) => {
        const row = f.let(I32.load(p.table.add(h.shl(2))));
        f.if(row.ge(0), () => {
          const from = f.let(p.y.add(plane.mul(p.outHeight).add(h).mul(p.outWidth).shl(2)));
          const to = f.let(p.x.add(plane.mul(p.inHeight).add(row).mul(p.inWidth).shl(2)));
          const lookUp = (begin: I32 | number, end: I32): void => {
            f.loop(begin, end, 1, (q) => {
              const column = f.let(I32.load(columns.add(q.shl(2))));
              f.if(column.ge(0), () => {
                const target = f.let(to.add(column.shl(2)));
                f.store(target, F32.load(target).add(F32.load(from.add(q.shl(2)))));
              });
            });
          };
          lookUp(0, p.begin0);
          const middle = f.let(to.add(I32.load(columns.add(p.begin0.shl(2))).shl(2)));
          const source = f.let(from.add(p.begin0.shl(2)));
          const add = (at: I32, offset: number, rest: I32 | null): void => {
            const target = f.let(middle.add(at));
            storeSome(f, target, F32x4.load(target, offset).add(F32x4.load(source.add(at), offset)), offset, rest);
          };
          emitVectors(f, p.end0.sub(p.begin0), add, 4);
          lookUp(p.end0, p.outWidth);
        });
      });
    });
  });
});

const entries = program.entries(['pad', 'padBackward'], parameters);

const GRAIN = 16384;

export function pad(y: Floats, x: Floats, g: PadGeometry): void {
  run(entries.pad, y.byteOffset, x.byteOffset, g, g.planes * g.rows.length, g.columns.length);
}

export function padBackward(dx: Floats, dy: Floats, g: PadGeometry): void {
  run(entries.padBackward, dy.byteOffset, dx.byteOffset, g, g.planes, g.rows.length * g.columns.length);
}

function run(
  entry: Entry<typeof parameters>,
  y: number,
  x: number,
  g: PadGeometry,
  units: number,
  unitSize: number,
): void {
  if (units * unitSize === 0) return;
  const [begin0, end0] = longestRun(g.columns);
  const table = scratchInts([...g.rows, ...g.columns, 0]);
  const { value, inHeight, inWidth } = g;
  const sizes = { inHeight, inWidth, outHeight: g.rows.length, outWidth: g.columns.length };
  entry.runGroups([{ y, x, value, table, begin0, end0 }, sizes], units, Math.ceil(GRAIN / unitSize));
}

/** The longest stretch of columns that come from neighboring pixels. */
function longestRun(columns: Int32Array): readonly [number, number] {
  let best: readonly [number, number] = [0, 0];
  let begin = 0;
  for (let q = 0; q < columns.length; q++) {
    if (columns[q] < 0) {
      begin = q + 1;
      continue;
    }
    if (q > begin && columns[q] !== columns[q - 1] + 1) begin = q;
    if (q + 1 - begin > best[1] - best[0]) best = [begin, q + 1];
  }
  return best;
}

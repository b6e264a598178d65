import type { Values } from '../../../wasm/entry.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { I32 } from '../../../wasm/scalars.js';
import type { span } from '../../../wasm/span.js';
import { type Axis, axisTable, emitOffsets, tableAxes } from './axes.js';

/** Elements of an index space that one unit of a walk covers. */
export const WALK_BLOCK = 4096;
/** Units that are worth a thread. */
export const WALK_GRAIN = 4;

/** The parameters of a walk over an index space that lies in two arrays, a and b. */
export const walkParameters = {
  a: 'i32',
  b: 'i32',
  /** Elements of the whole space, and of its last two axes. */
  size: 'i32',
  rows: 'i32',
  columns: 'i32',
  /** Bytes between neighboring rows. */
  aRow: 'i32',
  bRow: 'i32',
  /** Bytes between neighboring columns. */
  aStep: 'i32',
  bStep: 'i32',
  table: 'i32',
  axes: 'i32',
} as const;

type WalkVariables = { [K in keyof typeof walkParameters | keyof typeof span]: Variable<'i32'> };

/** A walk before its table has a place: `values(a, b, table)` are the parameters' values. */
export interface Walk {
  readonly size: number;
  readonly units: number;
  readonly table: number[];
  values(a: number, b: number, table: number): Values<typeof walkParameters>;
}

/** The walk over `axes`, whose strides are those of a and b. Rows are the last axis, the one before it is stepped along. */
export function walkOf(axes: readonly Axis[]): Walk {
  const none: Axis = { size: 1, strides: [0, 0] };
  const columns = axes.at(-1) ?? none;
  const rows = axes.at(-2) ?? none;
  const table = axisTable(axes.slice(0, -2), 2);
  const size = axes.reduce((n, axis) => n * axis.size, 1);
  const [aRow, bRow, aStep, bStep] = [...rows.strides, ...columns.strides].map((stride) => 4 * stride);
  return {
    size,
    units: Math.ceil(size / WALK_BLOCK),
    table,
    values: (a, b, at) => ({
      a,
      b,
      size,
      rows: rows.size,
      columns: columns.size,
      aRow,
      bRow,
      aStep,
      bStep,
      table: at,
      axes: tableAxes(table, 2),
    }),
  };
}

/**
 * Walks over units [begin, end) in order: `body` gets pointers into both arrays and the number of columns that follow
 * there. Index arithmetic only where a block begins and when the last but one axis is at its end.
 */
export function emitWalk(
  f: FunctionBuilder,
  p: WalkVariables,
  body: (a: Variable<'i32'>, b: Variable<'i32'>, n: Variable<'i32'>) => void,
): void {
  const aOffset = f.i32();
  const bOffset = f.i32();
  const aRow = f.i32();
  const bRow = f.i32();
  const position = f.let(p.begin.mul(WALK_BLOCK));
  const left = f.let(p.end.mul(WALK_BLOCK).min(p.size).sub(position));
  f.if(left.gt(0), () => {
    const index = f.let(position.div(p.columns));
    const column = f.let(position.sub(index.mul(p.columns)));
    const plane = f.let(index.div(p.rows));
    const row = f.let(index.sub(plane.mul(p.rows)));
    const place = (): void => {
      emitOffsets(f, plane, p.table, p.axes, [aOffset, bOffset]);
      aRow.set(p.a.add(aOffset).add(row.mul(p.aRow)));
      bRow.set(p.b.add(bOffset).add(row.mul(p.bRow)));
    };
    place();
    f.while(
      () => left.gt(0),
      () => {
        const n = f.let(p.columns.sub(column).min(left));
        const a = f.let(aRow.add(column.mul(p.aStep)));
        const b = f.let(bRow.add(column.mul(p.bStep)));
        left.set(left.sub(n));
        body(a, b, n);
        column.set(I32.of(0));
        row.set(row.add(1));
        aRow.set(aRow.add(p.aRow));
        bRow.set(bRow.add(p.bRow));
        f.if(row.eq(p.rows), () => {
          row.set(I32.of(0));
          plane.set(plane.add(1));
          place();
        });
      },
    );
  });
}

import type { Floats } from '../../../memory/memory.js';
import { scratchInts } from '../../../wasm/scratch.js';
import type { StridedGeometry } from '../../contracts/movement.js';
import { type Axis, axisTable, tableAxes } from './axes.js';
import { BLOCK_COLUMNS, BLOCK_ROWS, transposes, walks } from './stridedProgram.js';
import { WALK_GRAIN, walkOf } from './walk.js';

export function stridedCopy(y: Floats, x: Floats, g: StridedGeometry): void {
  move('copy', y.byteOffset, x.byteOffset, g);
}

export function stridedAdd(y: Floats, x: Floats, g: StridedGeometry): void {
  move('add', y.byteOffset, x.byteOffset, g);
}

/** Chooses among the loops: side by side in both arrays, a transpose, or any strides. */
function move(mode: 'copy' | 'add', yBlock: number, xBlock: number, g: StridedGeometry): void {
  const y = yBlock + 4 * g.yOffset;
  const x = xBlock + 4 * g.xOffset;
  const axes = Array.from(g.shape, (size, k): Axis => ({ size, strides: [g.yStrides[k], g.xStrides[k]] }));
  if (axes.some(({ size }) => size === 0)) return;
  const j = axes.findLastIndex(({ strides, size }) => strides[0] === 1 && size > 1);
  const i = axes.findLastIndex(({ strides, size }) => strides[1] === 1 && size > 1);
  if (i >= 0 && j >= 0 && i !== j && axes[i].size >= 4 && axes[j].size >= 4) transpose(mode, y, x, axes, i, j);
  else walk(mode, y, x, axes);
}

function walk(mode: 'copy' | 'add', y: number, x: number, axes: readonly Axis[]): void {
  const w = walkOf(axes);
  const [yStep, xStep] = axes[axes.length - 1].strides;
  const kind = yStep === 1 && xStep === 1 ? 'rows' : 'single';
  const table = scratchInts(w.table);
  walks[`${mode}_${kind}`].runGroups([w.values(y, x, table), { factor: 1 }], w.units, WALK_GRAIN);
}

function transpose(mode: 'copy' | 'add', y: number, x: number, axes: readonly Axis[], i: number, j: number): void {
  const others = axes.filter((_, k) => k !== i && k !== j);
  const ints = axisTable(others, 2);
  const table = scratchInts(ints);
  const planes = others.reduce((n, { size }) => n * size, 1);
  const units = planes * Math.ceil(axes[i].size / BLOCK_ROWS) * Math.ceil(axes[j].size / BLOCK_COLUMNS);
  const unitSize = Math.min(axes[i].size, BLOCK_ROWS) * Math.min(axes[j].size, BLOCK_COLUMNS);
  const sizes = { iSize: axes[i].size, jSize: axes[j].size };
  const strides = { yStride: 4 * axes[i].strides[0], xStride: 4 * axes[j].strides[1] };
  transposes[`${mode}_transpose`].runGroups(
    [{ y, x, factor: 1, table, axes: tableAxes(ints, 2) }, sizes, strides],
    units,
    Math.ceil(16384 / unitSize),
  );
}

import type { Floats } from '../../../memory/memory.js';
import type { Entry } from '../../../wasm/entry.js';
import { Program } from '../../../wasm/program.js';
import { scratchInts } from '../../../wasm/scratch.js';
import { F32x4 } from '../../../wasm/vectors.js';
import type { BroadcastGeometry } from '../../contracts/arithmetic.js';
import { type Axis, axisTable, tableAxes } from '../move/axes.js';
import {
  COLUMNS,
  defineBackward,
  defineForward,
  forwardParameters,
  PIECE,
  sumParameters,
  wholeParameters,
} from './broadcastProgram.js';
import { log } from './math.js';
import { power } from './power.js';

const program = new Program('broadcast', (module) => {
  defineForward(module, 'add', (_f, a, b) => a.add(b));
  defineForward(module, 'sub', (_f, a, b) => a.sub(b));
  defineForward(module, 'mul', (_f, a, b) => a.mul(b));
  defineForward(module, 'div', (_f, a, b) => a.div(b));
  defineBackward(module, 'add', (_f, dy) => dy);
  defineBackward(module, 'mul', (_f, dy, _own, other) => dy.mul(other()));
  defineBackward(module, 'divA', (_f, dy, _own, other) => dy.div(other()));
  // Two quotients, since b^2 may overflow where they do not.
  defineBackward(module, 'divB', (_f, dy, own, other) => {
    const b = own();
    return dy.div(b).mul(other().div(b)).neg();
  });
});

/** Powers are long, so they are compiled only where they are used. */
const powers = new Program('power', (module) => {
  const zero = F32x4.of(0);
  defineForward(module, 'pow', power, 1);
  defineBackward(
    module,
    'powA',
    (f, dy, own, other) => {
      const b = other();
      return b.eq(zero).clear(dy.mul(b).mul(power(f, own(), f.let(b.sub(F32x4.of(1))))));
    },
    1,
  );
  defineBackward(
    module,
    'powB',
    (f, dy, own, other) => {
      const a = other();
      return a.eq(zero).clear(dy.mul(power(f, a, own())).mul(log(f, a)));
    },
    1,
  );
});

const forwards = program.entries(['add', 'sub', 'mul', 'div'], forwardParameters);
const powForward = powers.entry('pow', forwardParameters);

/** The three ways a gradient is summed. */
function backwardsOf(of: Program, name: string) {
  return {
    whole: of.entry(`${name}Whole`, wholeParameters),
    columns: of.entry(`${name}Columns`, sumParameters),
    rows: of.entry(`${name}Rows`, sumParameters),
  };
}

type Backwards = ReturnType<typeof backwardsOf>;

const addBackwards = backwardsOf(program, 'add');
const mulBackwards = backwardsOf(program, 'mul');
const divBackwards = { a: backwardsOf(program, 'divA'), b: backwardsOf(program, 'divB') };
const powBackwards = { a: backwardsOf(powers, 'powA'), b: backwardsOf(powers, 'powB') };

/** Floats whose work outweighs a fork. */
const CHUNK = 16_384;

/** Pointer to a table of axes; without axes only index 0 is asked for, whose offsets are 0 whatever a table says. */
function placed(axes: readonly Axis[], table: readonly number[]): number {
  return axes.length > 0 ? scratchInts(table) : 0;
}

function forward(entry: Entry<typeof forwardParameters>, y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  const { length } = y;
  if (length === 0) return;
  const pointers = { y: y.byteOffset, a: a.byteOffset, b: b.byteOffset };
  const outer = g.shape.length - 1;
  const inner = g.shape[outer];
  const axes: Axis[] = [];
  for (let i = 0; i < outer; i++) axes.push({ size: g.shape[i], strides: [g.stridesA[i], g.stridesB[i]] });
  const pieces = Math.ceil(inner / PIECE);
  const table = axisTable(axes, 2);
  const rows = { inner, pieces, table: placed(axes, table), axes: tableAxes(table, 2) };
  const steps = { stepA: g.stridesA[outer], stepB: g.stridesB[outer] };
  entry.runGroups([pointers, rows, steps], (length / inner) * pieces, Math.ceil(CHUNK / Math.min(inner, PIECE)));
}

export function add(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  forward(forwards.add, y, a, b, g);
}

export function sub(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  forward(forwards.sub, y, a, b, g);
}

export function mul(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  forward(forwards.mul, y, a, b, g);
}

export function div(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  forward(forwards.div, y, a, b, g);
}

/** Numerics: within 0.501 ulp (power.ts). */
export function pow(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void {
  forward(powForward, y, a, b, g);
}

/**
 * dx += scale * the sum of a term over the places where the operand of `side` was used. `own` is that operand, of dx's shape.
 *
 * Numerics: terms in float32, their sums in doubles in a fixed order, rounded once or twice: the error does not grow with the
 * number of places.
 */
function backward(
  entries: Backwards,
  dx: Floats,
  dy: Floats,
  own: Floats,
  other: Floats,
  scale: number,
  g: BroadcastGeometry,
  side: 'a' | 'b',
): void {
  if (dy.length === 0) return;
  const [strides, otherStrides] = side === 'a' ? [g.stridesA, g.stridesB] : [g.stridesB, g.stridesA];
  const outer = g.shape.length - 1;
  const inner = g.shape[outer];
  const operands = {
    dx: dx.byteOffset,
    dy: dy.byteOffset,
    own: own.byteOffset,
    other: other.byteOffset,
    step: otherStrides[outer],
  };
  const kept: Axis[] = [];
  const stretched: Axis[] = [];
  let count = 1;
  for (let i = outer - 1, dyStride = inner; i >= 0; i--) {
    const axis = { size: g.shape[i], strides: [dyStride, otherStrides[i]] };
    if (strides[i] === 0) {
      stretched.unshift(axis);
      count *= axis.size;
    } else kept.unshift(axis);
    dyStride *= axis.size;
  }
  if (strides[outer] !== 0 && stretched.length === 0) {
    const pieces = Math.ceil(inner / PIECE);
    const table = axisTable(
      kept.map(({ size, strides: [, stride] }) => ({ size, strides: [stride] })),
      1,
    );
    const rows = { inner, pieces, table: placed(kept, table), axes: tableAxes(table, 1), scale };
    entries.whole.runGroups([operands, rows], (dy.length / inner) * pieces, Math.ceil(CHUNK / Math.min(inner, PIECE)));
    return;
  }
  const [keptTable, stretchedTable] = [axisTable(kept, 2), axisTable(stretched, 2)];
  const keptAt = scratchInts([...keptTable, ...stretchedTable]);
  const stretchedAt = keptAt + 4 * keptTable.length;
  const blocks = strides[outer] === 0 ? 1 : Math.ceil(inner / COLUMNS);
  const sums = {
    inner,
    blocks,
    kept: keptAt,
    keptAxes: tableAxes(keptTable, 2),
    stretched: stretchedAt,
    stretchedAxes: tableAxes(stretchedTable, 2),
    count,
    scale,
  };
  if (strides[outer] !== 0) {
    entries.columns.runGroups([operands, sums], (dx.length / inner) * blocks, Math.ceil(CHUNK / COLUMNS / count));
  } else {
    entries.rows.runGroups([operands, sums], dx.length, Math.ceil(CHUNK / (inner * count)));
  }
}

export function addBackward(dx: Floats, dy: Floats, scale: number, g: BroadcastGeometry, side: 'a' | 'b'): void {
  backward(addBackwards, dx, dy, dx, dy, scale, g, side);
}

export function mulBackward(dx: Floats, dy: Floats, other: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void {
  backward(mulBackwards, dx, dy, dx, other, 1, g, side);
}

export function divBackward(dx: Floats, dy: Floats, a: Floats, b: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void {
  if (side === 'a') backward(divBackwards.a, dx, dy, a, b, 1, g, side);
  else backward(divBackwards.b, dx, dy, b, a, 1, g, side);
}

export function powBackward(dx: Floats, dy: Floats, a: Floats, b: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void {
  if (side === 'a') backward(powBackwards.a, dx, dy, a, b, 1, g, side);
  else backward(powBackwards.b, dx, dy, b, a, 1, g, side);
}

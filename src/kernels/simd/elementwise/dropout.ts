import type { Floats } from '../../../memory/memory.js';
import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import type { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import type { DropoutGeometry } from '../../contracts/activations.js';
import { emitMap, UNIT } from './map.js';

const parameters = {
  to: 'i32',
  from: 'i32',
  length: 'i32',
  unit: 'i32',
  seed: 'i32',
  threshold: 'i32',
  scale: 'f32',
} as const;
type Parameters = { [K in Exclude<keyof typeof parameters | keyof typeof span, 'scale'>]: Variable<'i32'> };

const program = new Program('dropout', (module) => {
  for (const accumulate of [false, true]) {
    defineElements(module, accumulate);
    defineUnits(module, accumulate);
  }
});

/** The finalizer of MurmurHash3, as in the reference. */
function mix(f: FunctionBuilder, bits: I32x4): I32x4 {
  const h = f.let(bits);
  h.set(h.xor(h.shr(16)).mul(I32x4.of(0x85ebca6b | 0)));
  h.set(h.xor(h.shr(13)).mul(I32x4.of(0xc2b2ae35 | 0)));
  return f.let(h.xor(h.shr(16)));
}

/** A mask of the units that are dropped: their hash is below the threshold. */
function dropped(f: FunctionBuilder, units: I32x4, p: Parameters): I32x4 {
  return mix(f, mix(f, units).xor(I32x4.of(p.seed))).below(I32x4.of(p.threshold));
}

/** y = x * scale where a unit is kept, or dx += dy * scale. */
function emitScaled(
  f: FunctionBuilder,
  accumulate: boolean,
  p: Parameters,
  scale: F32x4,
  first: I32,
  count: I32,
  drops: () => I32x4,
): void {
  const pointers = { from: f.let(p.from.add(first.mul(4))), to: f.let(p.to.add(first.mul(4))) };
  if (accumulate) {
    emitMap(f, { reads: ['from', 'to'], writes: ['to'] }, pointers, count, ({ from, to }) => ({
      to: to.add(drops().clear(from.mul(scale))),
    }));
  } else {
    emitMap(f, { reads: ['from'], writes: ['to'] }, pointers, count, ({ from }) => ({
      to: drops().clear(from.mul(scale)),
    }));
  }
}

/** A decision for each element: four at a time. */
function defineElements(module: ModuleBuilder, accumulate: boolean): void {
  module.func(accumulate ? 'elementsBackward' : 'elements', { ...parameters, ...span }, (f, p) => {
    const scale = f.let(F32x4.of(p.scale));
    const first = f.let(p.begin.mul(UNIT));
    const units = f.let(I32x4.of(first).add(I32x4.lanes(0, 1, 2, 3)));
    emitScaled(f, accumulate, p, scale, first, f.let(p.end.mul(UNIT).min(p.length).sub(first)), () => {
      const drops = f.let(dropped(f, units, p));
      units.set(units.add(I32x4.of(4)));
      return drops;
    });
  });
}

/** One decision for the neighbors of a unit. */
function defineUnits(module: ModuleBuilder, accumulate: boolean): void {
  module.func(accumulate ? 'unitsBackward' : 'units', { ...parameters, ...span }, (f, p) => {
    const scale = f.let(F32x4.of(p.scale));
    f.loop(p.begin, p.end, 1, (u) => {
      const drops = f.let(dropped(f, I32x4.of(u), p));
      emitScaled(f, accumulate, p, scale, f.let(u.mul(p.unit)), p.unit, () => drops);
    });
  });
}

const entries = program.entries(['elements', 'elementsBackward', 'units', 'unitsBackward'], parameters);

function run(backward: '' | 'Backward', to: Floats, from: Floats, g: DropoutGeometry): void {
  const { p, seed, unit } = g;
  const threshold = Math.round(p * 2 ** 32);
  const { length } = to;
  // The threshold 2^32 does not fit: everything is dropped.
  if (threshold === 2 ** 32) {
    if (backward === '') to.fill(0);
    return;
  }
  const values = {
    to: to.byteOffset,
    from: from.byteOffset,
    length,
    unit,
    seed: seed | 0,
    threshold: threshold | 0,
    scale: 1 / (1 - p),
  };
  if (unit === 1) entries[`elements${backward}`].run(values, Math.ceil(length / UNIT), 512);
  else if (length > 0) entries[`units${backward}`].run(values, length / unit, Math.ceil(8192 / unit));
}

/** The decisions are the reference's, and so are the bits of y. */
export function dropout(y: Floats, x: Floats, g: DropoutGeometry): void {
  run('', y, x, g);
}

/** The reference's decisions; dx is rounded after the product too, where the reference adds in doubles. */
export function dropoutBackward(dx: Floats, dy: Floats, g: DropoutGeometry): void {
  run('Backward', dx, dy, g);
}

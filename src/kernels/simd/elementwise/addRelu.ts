import type { Floats } from '../../../memory/memory.js';
import { Program } from '../../../wasm/program.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { forEachStep, grainOf } from './steps.js';

const forwardParameters = { y: 'i32', a: 'i32', b: 'i32' } as const;
const maskParameters = { dy: 'i32', y: 'i32' } as const;
const addParameters = { dx: 'i32', dy: 'i32', y: 'i32' } as const;

/** Units are vectors; what the last one writes past the end falls into the slack behind a block. */
const program = new Program('addRelu', (module) => {
  module.func('forward', { ...forwardParameters, ...span }, (f, p) => {
    const pointers = [p.y, p.a, p.b].map((t) => f.let(t.add(p.begin.shl(4))));
    const [y, a, b] = pointers;
    forEachStep(f, p.end.sub(p.begin).shl(2), pointers, 4, ({ offset }) => {
      // pmax keeps a NaN on its left.
      f.store(y, F32x4.load(a, offset).add(F32x4.load(b, offset)).pmax(F32x4.of(0)), offset);
    });
  });
  module.func('mask', { ...maskParameters, ...span }, (f, p) => {
    const pointers = [p.dy, p.y].map((t) => f.let(t.add(p.begin.shl(4))));
    const [dy, y] = pointers;
    forEachStep(f, p.end.sub(p.begin).shl(2), pointers, 4, ({ offset }) => {
      f.store(dy, F32x4.load(y, offset).gt(F32x4.of(0)).mask(F32x4.load(dy, offset)), offset);
    });
  });
  module.func('add', { ...addParameters, ...span }, (f, p) => {
    const pointers = [p.dx, p.dy, p.y].map((t) => f.let(t.add(p.begin.shl(4))));
    const [dx, dy, y] = pointers;
    forEachStep(f, p.end.sub(p.begin).shl(2), pointers, 4, ({ offset }) => {
      const d = F32x4.load(y, offset).gt(F32x4.of(0)).mask(F32x4.load(dy, offset));
      f.store(dx, F32x4.load(dx, offset).add(d), offset);
    });
  });
});

const forward = program.entry('forward', forwardParameters);
const mask = program.entry('mask', maskParameters);
const add = program.entry('add', addParameters);

export function addRelu(y: Floats, a: Floats, b: Floats): void {
  forward.run({ y: y.byteOffset, a: a.byteOffset, b: b.byteOffset }, Math.ceil(y.length / 4), grainOf(4));
}

/** Where both gradients stand in the place of dy, as in a residual block without branches behind it, one mask does for both. */
export function addReluBackward(da: Floats | null, db: Floats | null, dy: Floats, y: Floats): void {
  const vectors = Math.ceil(dy.length / 4);
  for (const dx of [da, db]) {
    if (dx === null || dx === dy) continue;
    add.run({ dx: dx.byteOffset, dy: dy.byteOffset, y: y.byteOffset }, vectors, grainOf(4));
  }
  if (da === dy || db === dy) mask.run({ dy: dy.byteOffset, y: y.byteOffset }, vectors, grainOf(4));
}

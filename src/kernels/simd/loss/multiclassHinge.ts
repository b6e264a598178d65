import type { Floats } from '../../../memory/memory.js';
import type { Values } from '../../../wasm/entry.js';
import { Program } from '../../../wasm/program.js';
import { F32, I32 } from '../../../wasm/scalars.js';
import { scratchInts } from '../../../wasm/scratch.js';
import { span } from '../../../wasm/span.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import type { HingeGeometry } from '../../contracts/losses.js';
import { DoubleSums, emitVectors, onlyRow, storeSome } from '../elementwise/rows.js';

/** Elements that are worth a thread. */
const GRAIN = 16384;

const common = { x: 'i32', labels: 'i32', classes: 'i32', margin: 'f32', classCount: 'f64' } as const;
const forwardParameters = { loss: 'i32', ...common } as const;
const backwardParameters = { dx: 'i32', dLoss: 'i32', ...common } as const;

const program = new Program('multiclassHinge', (module) => {
  for (const power of [1, 2] as const) {
    module.func(`forward_${power}`, { ...forwardParameters, ...span }, (f, p) => {
      f.loop(p.begin, p.end, 1, (n) => {
        const row = f.let(p.x.add(n.mul(p.classes).shl(2)));
        const label = f.let(I32.load(p.labels.add(n.shl(2))));
        const rest = f.let(F32x4.of(p.margin.sub(F32.load(row.add(label.shl(2))))));
        const distance = f.let(I32x4.lanes(0, 1, 2, 3).sub(I32x4.of(label)));
        const sums = new DoubleSums(f);
        emitVectors(f, p.classes, (at, _offset, lanes) => {
          // pmax keeps a NaN on its left.
          const violation = rest.add(F32x4.load(row.add(at))).pmax(F32x4.of(0));
          const counted = f.let(onlyRow(distance.eq(I32x4.of(0)).not().mask(violation), 0, lanes));
          if (power === 1) sums.add(counted);
          else sums.addProduct(counted, counted);
          distance.set(distance.add(I32x4.of(4)));
        });
        f.store(p.loss.add(n.shl(2)), sums.total().div(p.classCount).toF32());
      });
    });

    module.func(`backward_${power}`, { ...backwardParameters, ...span }, (f, p) => {
      f.loop(p.begin, p.end, 1, (n) => {
        const first = f.let(n.mul(p.classes).shl(2));
        const row = f.let(p.x.add(first));
        const dRow = f.let(p.dx.add(first));
        const label = f.let(I32.load(p.labels.add(n.shl(2))));
        const rest = f.let(F32x4.of(p.margin.sub(F32.load(row.add(label.shl(2))))));
        const d = f.let(
          F32x4.of(
            F32.load(p.dLoss.add(n.shl(2)))
              .toF64()
              .div(p.classCount)
              .toF32(),
          ),
        );
        const distance = f.let(I32x4.lanes(0, 1, 2, 3).sub(I32x4.of(label)));
        const sums = new DoubleSums(f);
        emitVectors(f, p.classes, (at, _offset, lanes) => {
          const violation = f.let(rest.add(F32x4.load(row.add(at))));
          const pushed = violation.gt(F32x4.of(0)).and(distance.eq(I32x4.of(0)).not());
          const push = f.let(pushed.mask(power === 1 ? d : d.add(d).mul(violation)));
          const to = f.let(dRow.add(at));
          storeSome(f, to, F32x4.load(to).add(push), 0, lanes);
          sums.add(f.let(onlyRow(push, 0, lanes)));
          distance.set(distance.add(I32x4.of(4)));
        });
        const to = f.let(dRow.add(label.shl(2)));
        f.store(to, F32.load(to).toF64().sub(sums.total()).toF32());
      });
    });
  }
});

const forward = program.entries(['forward_1', 'forward_2'], forwardParameters);
const backward = program.entries(['backward_1', 'backward_2'], backwardParameters);

/** Numerics: violations in float32, their squares and sum in doubles. */
export function multiclassHinge(loss: Floats, x: Floats, labels: Int32Array, g: HingeGeometry): void {
  const pointers = { loss: loss.byteOffset };
  (g.power === 2 ? forward.forward_2 : forward.forward_1).runGroups(
    [pointers, commonValues(x, labels, g)],
    g.rows,
    grainOf(g),
  );
}

export function multiclassHingeBackward(
  dx: Floats,
  dLoss: Floats,
  x: Floats,
  labels: Int32Array,
  g: HingeGeometry,
): void {
  const pointers = { dx: dx.byteOffset, dLoss: dLoss.byteOffset };
  (g.power === 2 ? backward.backward_2 : backward.backward_1).runGroups(
    [pointers, commonValues(x, labels, g)],
    g.rows,
    grainOf(g),
  );
}

function commonValues(x: Floats, labels: Int32Array, { classes, margin }: HingeGeometry): Values<typeof common> {
  return { x: x.byteOffset, labels: scratchInts(labels), classes, margin, classCount: classes };
}

function grainOf({ classes }: HingeGeometry): number {
  return Math.ceil(GRAIN / classes);
}

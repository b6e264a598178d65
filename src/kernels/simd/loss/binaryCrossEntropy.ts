import type { Floats } from '../../../memory/memory.js';
import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { span } from '../../../wasm/span.js';
import { F32x4 } from '../../../wasm/vectors.js';
import type { ElementLossGeometry } from '../../contracts/losses.js';
import { defineMaps, emitMap, HEAVY_GRAIN, map, mapRuns } from '../elementwise/map.js';
import { exp, log, sigmoidPair } from '../elementwise/math.js';

const FORWARD = { reads: ['x', 'target'], writes: ['loss'], unroll: 2 } as const;
const BACKWARD = { reads: ['dx', 'dLoss', 'x', 'target'], writes: ['dx'], unroll: 2 } as const;

/** Elements whose exponential is worth a thread. */
const GRAIN = 4096;

/** One weight for all, or one a column. */
const functions = {
  forward: map(FORWARD, ['p'], (f, { x, target }, { p }) => ({ loss: loss(f, x, target, p) })),
  backward: map(BACKWARD, ['p'], (f, { dx, dLoss, x, target }, { p }) => ({
    dx: dx.add(dLoss.mul(slope(f, x, target, p))),
  })),
};
const rowsParameters = { p: 'i32', x: 'i32', target: 'i32', loss: 'i32', dx: 'i32', classes: 'i32' } as const;

const program = new Program('binaryCrossEntropy', (module) => {
  defineMaps(module, functions);
  defineRows(module);
});

const maps = mapRuns(program, functions);
const rows = program.entries(['forward_rows', 'backward_rows'], rowsParameters);

/**
 * (1 - t) x + (1 + (p - 1) t) softplus(-x) with softplus(-x) = max(-x, 0) + log(1 + exp(-|x|)), put together so that
 * nothing cancels where x is on the right side: |x| times p t below 0 and 1 - t above, plus the logarithm's part.
 */
function loss(f: FunctionBuilder, x: F32x4, t: F32x4, p: F32x4): F32x4 {
  const one = F32x4.of(1);
  const size = f.let(x.abs());
  // log(1 + e), with the part of e that the sum loses made good: log(u) e / (u - 1) (Goldberg 1991, theorem 4)
  const e = exp(f, f.let(size.neg()));
  const u = f.let(one.add(e));
  const log1p = u.eq(one).select(e, log(f, u).mul(e).div(u.sub(one)));
  const positive = f.let(p.mul(t));
  const negative = f.let(one.sub(t));
  const wrong = x.lt(F32x4.of(0)).select(positive, negative);
  return size.mul(wrong).add(negative.add(positive).mul(log1p));
}

/** (1 - t) - (1 + (p - 1) t) sigmoid(-x) = (1 - t) sigmoid(x) - p t sigmoid(-x) */
function slope(f: FunctionBuilder, x: F32x4, t: F32x4, p: F32x4): F32x4 {
  const { value, complement } = sigmoidPair(f, x);
  return F32x4.of(1).sub(t).mul(value).sub(p.mul(t).mul(complement));
}

/** A unit is a row of `classes` elements, each with a weight of its own. */
function defineRows(module: ModuleBuilder): void {
  const weighed = ['p'] as const;
  for (const pass of ['forward', 'backward'] as const) {
    module.func(`${pass}_rows`, { ...rowsParameters, ...span }, (f, v) => {
      f.loop(v.begin, v.end, 1, (row) => {
        const first = f.let(row.mul(v.classes).shl(2));
        const p = f.let(v.p);
        const [x, target] = [f.let(v.x.add(first)), f.let(v.target.add(first))];
        if (pass === 'forward') {
          const spec = { ...FORWARD, reads: [...FORWARD.reads, ...weighed] } as const;
          const pointers = { p, x, target, loss: f.let(v.loss.add(first)) };
          emitMap(f, spec, pointers, v.classes, (a) => ({ loss: loss(f, a.x, a.target, a.p) }));
        } else {
          const spec = { ...BACKWARD, reads: [...BACKWARD.reads, ...weighed] } as const;
          const pointers = { p, x, target, dLoss: f.let(v.loss.add(first)), dx: f.let(v.dx.add(first)) };
          emitMap(f, spec, pointers, v.classes, (a) => ({
            dx: a.dx.add(a.dLoss.mul(slope(f, a.x, a.target, a.p))),
          }));
        }
      });
    });
  }
}

/** Numerics: all in float32; for targets and weights >= 0, targets at most 1, the error is relative, a few u times the loss. */
export function binaryCrossEntropyWithLogits(
  loss: Floats,
  x: Floats,
  target: Floats,
  positiveWeight: Floats | null,
  g: ElementLossGeometry,
): void {
  if (positiveWeight === null || g.classes === 1) {
    maps.forward({ x, target, loss, p: positiveWeight?.[0] ?? 1 }, HEAVY_GRAIN);
    return;
  }
  runRows('forward_rows', positiveWeight, x, target, loss, loss, g.classes);
}

/** Numerics: all in float32; the error is a few u |dLoss| ((1 - t) sigmoid(x) + p t sigmoid(-x)). */
export function binaryCrossEntropyWithLogitsBackward(
  dx: Floats,
  dLoss: Floats,
  x: Floats,
  target: Floats,
  positiveWeight: Floats | null,
  g: ElementLossGeometry,
): void {
  if (positiveWeight === null || g.classes === 1) {
    maps.backward({ dx, dLoss, x, target, p: positiveWeight?.[0] ?? 1 }, HEAVY_GRAIN);
    return;
  }
  runRows('backward_rows', positiveWeight, x, target, dLoss, dx, g.classes);
}

function runRows(
  name: 'forward_rows' | 'backward_rows',
  p: Floats,
  x: Floats,
  target: Floats,
  loss: Floats,
  dx: Floats,
  classes: number,
): void {
  const pointers = {
    p: p.byteOffset,
    x: x.byteOffset,
    target: target.byteOffset,
    loss: loss.byteOffset,
    dx: dx.byteOffset,
  };
  rows[name].runGroups([pointers, { classes }], x.length / classes, Math.ceil(GRAIN / classes));
}

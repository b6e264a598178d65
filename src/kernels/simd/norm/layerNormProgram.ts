import type { FunctionBuilder } from '../../../wasm/function.js';
import type { ModuleBuilder } from '../../../wasm/module.js';
import { Program } from '../../../wasm/program.js';
import { F32, F64, type I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4, F64x2 } from '../../../wasm/vectors.js';
import { accumulators, clear, forEachStep, maskStep, storeStep, total } from '../elementwise/steps.js';
import { contiguous, moments, walkBlock } from './moments.js';

const statistics = { x: 'i32', mean: 'i32', invStd: 'i32', weight: 'i32' } as const;
const forwardParameters = { y: 'i32', ...statistics, bias: 'i32', eps: 'f64', size: 'i32' } as const;
const inputParameters = { dx: 'i32', dy: 'i32', ...statistics, size: 'i32' } as const;
const columnsParameters = {
  dWeight: 'i32',
  dBias: 'i32',
  dy: 'i32',
  ...statistics,
  rows: 'i32',
  size: 'i32',
} as const;

/** Columns that a unit of the gradients of weight and bias covers: a cache line of each row. */
export const COLUMNS = 16;
/** Rows whose values are summed in float32 before they go on in doubles. */
const ROWS = 64;

/** Layer normalization. Forward and dx: a unit is a row. */
const layerNormProgram = new Program('layerNorm', (module) => {
  for (const weighted of [false, true]) {
    for (const biased of [false, true]) defineForward(module, weighted, biased);
    defineInput(module, weighted);
  }
  defineColumns(module);
});

export function forwardName(weighted: boolean, biased: boolean) {
  return `forward${weighted ? 'Weight' : ''}${biased ? 'Bias' : ''}` as const;
}

export const forward = layerNormProgram.entries(
  ['forward', 'forwardWeight', 'forwardBias', 'forwardWeightBias'],
  forwardParameters,
);
export const { input, inputWeight } = layerNormProgram.entries(['input', 'inputWeight'], inputParameters);
export const columns = layerNormProgram.entry('columns', columnsParameters);

function defineForward(module: ModuleBuilder, weighted: boolean, biased: boolean): void {
  module.func(forwardName(weighted, biased), { ...forwardParameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (row) => {
      const start = f.let(row.mul(p.size).shl(2));
      // (1) statistics of the row
      const { mean, variance } = moments(f, p.x, contiguous(f, start, p.size));
      const m = f.let(mean.toF32());
      const invStd = f.let(F64.of(1).div(variance.add(p.eps).sqrt()).toF32());
      f.store(p.mean.add(row.shl(2)), m);
      f.store(p.invStd.add(row.shl(2)), invStd);
      // (2) normalize
      const [center, scale] = [f.let(F32x4.of(m)), f.let(F32x4.of(invStd))];
      const pointers = [p.y.add(start), p.x.add(start), p.weight, p.bias].map((t) => f.let(t));
      forEachStep(f, p.size, pointers, 4, (step) => {
        const [y, x, w, b] = pointers;
        let v = F32x4.load(x, step.offset).sub(center).mul(scale);
        if (weighted && biased) v = f.fma(v, F32x4.load(w, step.offset), F32x4.load(b, step.offset));
        else if (weighted) v = v.mul(F32x4.load(w, step.offset));
        else if (biased) v = v.add(F32x4.load(b, step.offset));
        storeStep(f, y, v, step);
      });
    });
  });
}

function defineInput(module: ModuleBuilder, weighted: boolean): void {
  module.func(weighted ? 'inputWeight' : 'input', { ...inputParameters, ...span }, (f, p) => {
    const [a, b] = [accumulators(f), accumulators(f)];
    f.loop(p.begin, p.end, 1, (row) => {
      const start = f.let(row.mul(p.size).shl(2));
      const m = f.let(F32x4.splat(p.mean.add(row.shl(2))));
      const scale = f.let(F32.load(p.invStd.add(row.shl(2))).toF64());
      // The block's offset counts from the start of the tensor: this one is as far before the weights as the row is behind.
      const weights = f.let(p.weight.sub(start));
      // (2) sums along the row
      const sumD = f.let(F64.of(0));
      const sumDX = f.let(F64.of(0));
      contiguous(
        f,
        start,
        p.size,
      )((block) => {
        clear(a);
        clear(b);
        walkBlock(f, block, [p.dy, p.x, weights], (step, [dy, x, w]) => {
          const loaded = F32x4.load(dy, step.offset);
          const d = f.let(maskStep(weighted ? loaded.mul(F32x4.load(w, step.offset)) : loaded, step));
          a[step.lane].set(a[step.lane].add(d));
          b[step.lane].set(f.fma(d, maskStep(F32x4.load(x, step.offset).sub(m), step), b[step.lane]));
        });
        sumD.set(sumD.add(total(f, a)));
        sumDX.set(sumDX.add(total(f, b)));
      });
      // (3) dx = scale d - scale^3 mean(d (x - m)) (x - m) - scale mean(d)
      const count = f.let(p.size.toF64());
      const minus = f.let(F64.of(-1).mul(scale));
      const level = f.let(F32x4.of(minus.mul(sumD.div(count)).toF32()));
      const tilt = f.let(F32x4.of(minus.mul(scale).mul(scale).mul(sumDX.div(count)).toF32()));
      const factor = f.let(F32x4.of(scale.toF32()));
      const pointers = [p.dx.add(start), p.dy.add(start), p.x.add(start), p.weight].map((t) => f.let(t));
      forEachStep(f, p.size, pointers, 4, (step) => {
        const [dx, dy, x, w] = pointers;
        const loaded = F32x4.load(dy, step.offset);
        const d = weighted ? loaded.mul(F32x4.load(w, step.offset)) : loaded;
        const v = f.fma(d, factor, f.fma(F32x4.load(x, step.offset).sub(m), tilt, level));
        storeStep(f, dx, F32x4.load(dx, step.offset).add(v), step);
      });
    });
  });
}

/** (1) weight and bias: down 16 columns at a time. What lies past the last column is summed too and falls into the slack. */
function defineColumns(module: ModuleBuilder): void {
  module.func('columns', { ...columnsParameters, ...span }, (f, p) => {
    const vectors = COLUMNS / 4;
    const [a, b] = [accumulators(f, vectors), accumulators(f, vectors)];
    const sums = [a, b].map((of) => of.map(() => [f.variable('f64x2'), f.variable('f64x2')]));
    f.loop(p.begin, p.end, 1, (unit) => {
      const column = f.let(unit.mul(4 * COLUMNS));
      for (const pair of sums.flat(2)) pair.set(F64x2.of(0));
      f.loop(0, p.rows, ROWS, (first) => {
        clear(a);
        clear(b);
        f.loop(first, first.add(ROWS).min(p.rows), 1, (row) => {
          const at = f.let(row.mul(p.size).shl(2).add(column));
          const m = f.let(F32x4.splat(p.mean.add(row.shl(2))));
          const scale = f.let(F32x4.splat(p.invStd.add(row.shl(2))));
          for (let v = 0; v < vectors; v++) {
            const d = f.let(F32x4.load(p.dy.add(at), 16 * v));
            const z = F32x4.load(p.x.add(at), 16 * v)
              .sub(m)
              .mul(scale);
            a[v].set(a[v].add(d));
            b[v].set(f.fma(d, z, b[v]));
          }
        });
        [a, b].forEach((of, i) => {
          of.forEach((v, j) => {
            const [low, high] = sums[i][j];
            low.set(low.add(v.lowToF64x2()));
            high.set(high.add(v.shuffle(v, 2, 3, 2, 3).lowToF64x2()));
          });
        });
      });
      [p.dBias, p.dWeight].forEach((gradient, i) => {
        f.if(gradient.ne(0), () => {
          sums[i].forEach((pair, v) => {
            f.if(
              unit
                .mul(COLUMNS)
                .add(4 * v)
                .lt(p.size),
              () => addPairs(f, f.let(gradient.add(column)), pair, 16 * v),
            );
          });
        });
      });
    });
  });
}

/** Adds four doubles to four floats. */
function addPairs(f: FunctionBuilder, pointer: I32, [low, high]: readonly F64x2[], offset: number): void {
  const old = f.let(F32x4.load(pointer, offset));
  const sumLow = f.let(old.lowToF64x2().add(low).toF32x4());
  const sumHigh = f.let(old.shuffle(old, 2, 3, 2, 3).lowToF64x2().add(high).toF32x4());
  f.store(pointer, sumLow.shuffle(sumHigh, 0, 1, 4, 5), offset);
}

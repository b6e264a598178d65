import type { Floats } from '../../../memory/memory.js';
import type { Values } from '../../../wasm/entry.js';
import type { FunctionBuilder } from '../../../wasm/function.js';
import { Program } from '../../../wasm/program.js';
import { F32, F64, I32 } from '../../../wasm/scalars.js';
import { scratchInts } from '../../../wasm/scratch.js';
import { span } from '../../../wasm/span.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import type { CrossEntropyGeometry } from '../../contracts/losses.js';
import { exp, log } from '../elementwise/math.js';
import { DoubleSums, emitVectors, largestLane, onlyRow, storeSome } from '../elementwise/rows.js';

/** Exponentials that are worth a thread. */
const GRAIN = 4096;

const common = {
  logits: 'i32',
  labels: 'i32',
  /** 0 for none. */
  classWeight: 'i32',
  classes: 'i32',
  /** What the label has of its row, and what every class has. */
  labelShare: 'f32',
  share: 'f32',
} as const;

const forwardParameters = { loss: 'i32', ...common } as const;
const backwardParameters = { dLogits: 'i32', dLoss: 'i32', ...common } as const;

const program = new Program('crossEntropy', (module) => {
  module.func('forward', { ...forwardParameters, ...span }, (f, p) => {
    f.loop(p.begin, p.end, 1, (n) => {
      const row = f.let(p.logits.add(n.mul(p.classes).shl(2)));
      // (1) the largest logit
      const max = emitLargest(f, row, p.classes);
      // (2) the sum of the exponentials
      const logSum = log(f, f.let(F32x4.of(emitSum(f, row, p.classes, max).toF32())));
      // (3) the label's share
      const label = f.let(I32.load(p.labels.add(n.shl(2))).shl(2));
      const weight = f.let(F32.of(1));
      f.if(p.classWeight, () => weight.set(F32.load(p.classWeight.add(label))));
      const nll = logSum.lane(0).sub(F32.load(row.add(label)).sub(max.lane(0)));
      const total = f.let(p.labelShare.mul(weight).mul(nll));
      // (4) everybody's share
      f.if(p.share.gt(0), () => {
        const sums = new DoubleSums(f);
        const nlls = (at: I32, rest: I32 | null): F32x4 =>
          f.let(onlyRow(logSum.sub(F32x4.load(row.add(at)).sub(max)), 0, rest));
        f.if(
          p.classWeight,
          () =>
            emitVectors(f, p.classes, (at, _offset, rest) => {
              const w = f.let(onlyRow(F32x4.load(p.classWeight.add(at)), 0, rest));
              sums.addProduct(nlls(at, rest), w);
            }),
          () => emitVectors(f, p.classes, (at, _offset, rest) => sums.add(nlls(at, rest))),
        );
        total.set(total.add(p.share.mul(sums.total().toF32())));
      });
      f.store(p.loss.add(n.shl(2)), total);
    });
  });

  module.func('backward', { ...backwardParameters, ...span }, (f, p) => {
    const weights = emitWeights(f, p.classWeight, p.classes);
    const share = f.let(F32x4.of(p.share));
    f.loop(p.begin, p.end, 1, (n) => {
      const first = f.let(n.mul(p.classes).shl(2));
      const row = f.let(p.logits.add(first));
      const dRow = f.let(p.dLogits.add(first));
      const d = f.let(F32x4.splat(p.dLoss.add(n.shl(2))));
      // (1) the largest logit
      const max = emitLargest(f, row, p.classes);
      // (2) the sum of the exponentials
      const sum = f.let(emitSum(f, row, p.classes, max));
      // (3) the softmax times the sum of all shares, minus each class's own share
      const label = f.let(I32.load(p.labels.add(n.shl(2))));
      const labelShare = f.let(p.labelShare);
      f.if(p.classWeight, () => labelShare.set(labelShare.mul(F32.load(p.classWeight.add(label.shl(2))))));
      const total = f.let(F32x4.of(labelShare.toF64().add(p.share.toF64().mul(weights)).div(sum).toF32()));
      const atLabel = f.let(F32x4.of(labelShare));
      // Distance of each class from the label: 0 at the label.
      const distance = f.let(I32x4.lanes(0, 1, 2, 3).sub(I32x4.of(label)));
      emitVectors(f, p.classes, (at, _offset, rest) => {
        const own = f.let(share);
        f.if(p.classWeight, () => own.set(own.mul(F32x4.load(p.classWeight.add(at)))));
        own.set(own.add(distance.eq(I32x4.of(0)).mask(atLabel)));
        const e = exp(f, f.let(F32x4.load(row.add(at)).sub(max)));
        const to = f.let(dRow.add(at));
        storeSome(f, to, F32x4.load(to).add(d.mul(total.mul(e).sub(own))), 0, rest);
        distance.set(distance.add(I32x4.of(4)));
      });
    });
  });
});

const forward = program.entry('forward', forwardParameters);
const backward = program.entry('backward', backwardParameters);

function emitLargest(f: FunctionBuilder, row: I32, classes: I32): F32x4 {
  const max = f.let(F32x4.of(Number.NEGATIVE_INFINITY));
  emitVectors(f, classes, (at, _offset, rest) => {
    max.set(max.pmax(onlyRow(F32x4.load(row.add(at)), Number.NEGATIVE_INFINITY, rest)));
  });
  return f.let(largestLane(f, max));
}

function emitSum(f: FunctionBuilder, row: I32, classes: I32, max: F32x4): F64 {
  const sums = new DoubleSums(f);
  emitVectors(f, classes, (at, _offset, rest) => {
    const e = exp(f, f.let(F32x4.load(row.add(at)).sub(max)));
    sums.add(f.let(onlyRow(e, 0, rest)));
  });
  return sums.total();
}

/** The sum of all class weights, or their number where there are none. */
function emitWeights(f: FunctionBuilder, classWeight: I32, classes: I32): F64 {
  const weights = f.let(F64.of(0));
  f.if(
    classWeight,
    () => {
      const sums = new DoubleSums(f);
      emitVectors(f, classes, (at, _offset, rest) => {
        sums.add(f.let(onlyRow(F32x4.load(classWeight.add(at)), 0, rest)));
      });
      weights.set(sums.total());
    },
    () => weights.set(classes.toF32().toF64()),
  );
  return weights;
}

/** Numerics: exponentials and logarithm in float32, sums in doubles; the error is a few u (1 + loss). */
export function crossEntropy(
  loss: Floats,
  logits: Floats,
  labels: Int32Array,
  classWeight: Floats | null,
  g: CrossEntropyGeometry,
): void {
  const pointers = { loss: loss.byteOffset };
  forward.runGroups([pointers, commonValues(logits, labels, classWeight, g)], g.rows, grainOf(g));
}

/** Numerics: exponentials in float32, their sum in doubles. */
export function crossEntropyBackward(
  dLogits: Floats,
  dLoss: Floats,
  logits: Floats,
  labels: Int32Array,
  classWeight: Floats | null,
  g: CrossEntropyGeometry,
): void {
  const pointers = { dLogits: dLogits.byteOffset, dLoss: dLoss.byteOffset };
  backward.runGroups([pointers, commonValues(logits, labels, classWeight, g)], g.rows, grainOf(g));
}

function commonValues(
  logits: Floats,
  labels: Int32Array,
  classWeight: Floats | null,
  { classes, labelSmoothing }: CrossEntropyGeometry,
): Values<typeof common> {
  return {
    logits: logits.byteOffset,
    classWeight: classWeight?.byteOffset ?? 0,
    labels: scratchInts(labels),
    classes,
    labelShare: 1 - labelSmoothing,
    share: labelSmoothing / classes,
  };
}

function grainOf({ classes }: CrossEntropyGeometry): number {
  return Math.ceil(GRAIN / classes);
}

import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import { F32, F64, I32 } from '../../../wasm/scalars.js';
import { F32x4 } from '../../../wasm/vectors.js';
import { accumulators, clear, forEachStep, maskStep, type Step, total } from '../elementwise/steps.js';

/**
 * Floats that are summed in float32 lanes before they are folded into doubles: 64 additions to each lane, so a sum is off by at
 * most 70 u of the sum of magnitudes, however long it is. A block of two tensors also stays in a first-level cache.
 */
export const BLOCK = 1024;

/** A part of a sum that is made in float32: runs of one length in one or several images. */
export interface Block {
  /** Bytes from the start of the tensor, and from one run to the next. */
  offset: I32;
  runBytes: I32;
  runs: I32;
  length: I32;
}

export type ForEachBlock = (body: (block: Block) => void) => void;

/** The blocks of `length` floats that begin `offset` bytes into their tensor. */
export function contiguous(f: FunctionBuilder, offset: I32, length: I32): ForEachBlock {
  return (body) =>
    f.loop(0, length, BLOCK, (s) => {
      const part = { offset: f.let(offset.add(s.shl(2))), length: f.let(length.sub(s).min(BLOCK)) };
      body({ ...part, runs: I32.of(1), runBytes: I32.of(0) });
    });
}

/** Runs `body` on all floats of a block, with a pointer for each tensor. */
export function walkBlock(
  f: FunctionBuilder,
  block: Block,
  tensors: readonly I32[],
  body: (step: Step, pointers: readonly Variable<'i32'>[]) => void,
): void {
  const starts = tensors.map((t) => f.let(t.add(block.offset)));
  f.loop(0, block.runs, 1, () => {
    const pointers = starts.map((s) => f.let(s));
    forEachStep(f, block.length, pointers, 4, (step) => body(step, pointers));
    for (const s of starts) s.set(s.add(block.runBytes));
  });
}

/**
 * Mean and variance of the floats of some blocks, in doubles. One pass over memory: each block is read twice while the
 * first-level cache holds it, for its mean and for the squares around it, and blocks are merged.
 *
 * Source: Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance", equations 2.1.
 */
export function moments(f: FunctionBuilder, x: I32, forEachBlock: ForEachBlock): { mean: F64; variance: F64 } {
  const [a, b] = [accumulators(f), accumulators(f)];
  const count = f.let(F64.of(0));
  const mean = f.let(F64.of(0));
  const squares = f.let(F64.of(0));
  forEachBlock((block) => {
    const blockCount = f.let(block.runs.mul(block.length).toF64());
    // (1) the mean, seen from the first value: a large mean costs no bits
    const first = f.let(F32.load(x.add(block.offset)));
    const origin = f.let(F32x4.of(first));
    clear(a);
    walkBlock(f, block, [x], (step, [at]) => {
      const d = F32x4.load(at, step.offset).sub(origin);
      a[step.lane].set(a[step.lane].add(maskStep(d, step)));
    });
    const near = f.let(first.toF64().add(total(f, a).div(blockCount)).toF32());
    // (2) the squares around it; `drift` is what the rounding of the mean left
    const center = f.let(F32x4.of(near));
    clear(a);
    clear(b);
    walkBlock(f, block, [x], (step, [at]) => {
      const d = f.let(maskStep(F32x4.load(at, step.offset).sub(center), step));
      a[step.lane].set(a[step.lane].add(d));
      b[step.lane].set(f.fma(d, d, b[step.lane]));
    });
    const drift = f.let(total(f, a));
    const shift = f.let(drift.div(blockCount));
    const blockSquares = f.let(total(f, b).sub(drift.mul(shift)));
    const delta = f.let(near.toF64().add(shift).sub(mean));
    const share = f.let(blockCount.div(count.add(blockCount)));
    squares.set(squares.add(blockSquares).add(delta.mul(delta).mul(count).mul(share)));
    mean.set(mean.add(delta.mul(share)));
    count.set(count.add(blockCount));
  });
  return { mean, variance: squares.div(count) };
}

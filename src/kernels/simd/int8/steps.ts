import type { FunctionBuilder, Variable } from '../../../wasm/function.js';
import type { I32 } from '../../../wasm/scalars.js';
import { I32x4 } from '../../../wasm/vectors.js';

/**
 * How the sums of a register tile advance: the bytes of some pixels times the weights of eight output channels, four or eight bytes at a time.
 * Weights lie in groups of 32, four bytes of each channel, in an order of its own for each step. One core of an EPYC, Node 24, makes 38, 58
 * and 68 G multiply-adds per second by the three steps; fused multiply-adds in float32 make 29.
 */
export interface Step {
  readonly name: 'words' | 'bytes' | 'bytePairs' | 'dots';
  /** Bytes that a weight takes. */
  readonly width: 1 | 2;
  /** Adds to the sums of each pixel the products of `count` bytes, 4 or 8, `at` bytes behind its pointer. */
  emit(f: FunctionBuilder, sums: Sums, x: readonly I32[], w: I32, count: 4 | 8, at: number): void;
  /** Where, among the 32 weights of four bytes, that of byte k (0 to 3) and channel o (0 to 7) lies. */
  place(k: number, o: number): number;
}

export type Sums = readonly (readonly Variable<'i32x4'>[])[];

/** In every engine, exact for all bytes: both sides as numbers of 16 bits, pairs of products. */
export const words: Step = {
  name: 'words',
  width: 2,
  place: (k, o) => 16 * (k >> 1) + 2 * o + (k & 1),
  emit(f, sums, x, w, count, at) {
    const values = x.map((pointer) =>
      f.let(count === 8 ? I32x4.loadBytes(pointer, at) : I32x4.loadWord(pointer, at).extendSignedBytes(0)),
    );
    for (let pair = 0; pair < count / 2; pair++) {
      const weights = [0, 16].map((half) => f.let(I32x4.load(w, 16 * at + 32 * pair + half)));
      for (const [r, value] of values.entries()) {
        const both = f.let(spreadLane(value, pair));
        for (const [half, weight] of weights.entries()) {
          const sum = sums[r][half];
          sum.set(sum.add(both.dot16(weight)));
        }
      }
    }
  },
};

/** Relaxed SIMD, exact for x of 0 to 127: bytes times bytes, summed in 16 and then in 32 bits. */
export const bytes: Step = {
  name: 'bytes',
  width: 1,
  place: (k, o) => 4 * o + k,
  emit(f, sums, x, w, count, at) {
    const ones = I32x4.lanes(0x10001, 0x10001, 0x10001, 0x10001);
    for (let four = 0; four < count; four += 4) {
      const weights = [0, 16].map((half) => f.let(I32x4.load(w, 8 * (at + four) + half)));
      for (const [r, pointer] of x.entries()) {
        const value = f.let(I32x4.splatWord(pointer, at + four));
        for (const [half, weight] of weights.entries()) {
          const sum = sums[r][half];
          sum.set(sum.add(weight.relaxedDotBytes(value).dot16(ones)));
        }
      }
    }
  },
};

/** The same for weights of -64 to 64, where two such sums fit into 16 bits. */
export const bytePairs: Step = {
  name: 'bytePairs',
  width: 1,
  place: bytes.place,
  emit(f, sums, x, w, count, at) {
    if (count === 4) {
      bytes.emit(f, sums, x, w, 4, at);
      return;
    }
    const ones = I32x4.lanes(0x10001, 0x10001, 0x10001, 0x10001);
    const weights = [0, 16, 32, 48].map((part) => f.let(I32x4.load(w, 8 * at + part)));
    for (const [r, pointer] of x.entries()) {
      const values = [0, 4].map((four) => f.let(I32x4.splatWord(pointer, at + four)));
      for (const half of [0, 1]) {
        const two = weights[half].relaxedDotBytes(values[0]).add16(weights[2 + half].relaxedDotBytes(values[1]));
        const sum = sums[r][half];
        sum.set(sum.add(two.dot16(ones)));
      }
    }
  },
};

/** Relaxed SIMD in one instruction, exact for x of 0 to 127: the fastest where the engine emits it as one, which V8 does on CPUs with AVX-VNNI. */
export const dots: Step = {
  name: 'dots',
  width: 1,
  place: bytes.place,
  emit(f, sums, x, w, count, at) {
    for (let four = 0; four < count; four += 4) {
      const weights = [0, 16].map((half) => f.let(I32x4.load(w, 8 * (at + four) + half)));
      for (const [r, pointer] of x.entries()) {
        const value = f.let(I32x4.splatWord(pointer, at + four));
        for (const [half, weight] of weights.entries()) {
          const sum = sums[r][half];
          sum.set(weight.relaxedDotBytesAdd(value, sum));
        }
      }
    }
  },
};

export const steps: readonly Step[] = [words, bytes, bytePairs, dots];

/** Two neighboring numbers of 16 bits in all four lanes. */
function spreadLane(value: I32x4, pair: number): I32x4 {
  const lane = [0, 1, 2, 3].map((i) => 4 * pair + i);
  return value.shuffleBytes(value, [...lane, ...lane, ...lane, ...lane]);
}

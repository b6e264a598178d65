import type { Floats } from '../../../memory/memory.js';
import { Program, usesRelaxedSimd } from '../../../wasm/program.js';
import { I32 } from '../../../wasm/scalars.js';
import { span } from '../../../wasm/span.js';
import { F32x4, I32x4 } from '../../../wasm/vectors.js';
import { forEachStep, maskStep } from '../elementwise/steps.js';

/** Floats of w that share a digest. */
const PART = 16 * 1024;
const ACCUMULATORS = 8;
/** An odd factor: multiplication by it loses no bit. That of FNV-1a. */
const FACTOR = 16777619;

const parameters = { changed: 'i32', digests: 'i32', w: 'i32', length: 'i32', seed: 'i32' } as const;

/**
 * Says whether numbers are still those of last time, without a copy of them: a digest of 128 bits for each part of PART floats. Each step,
 * h = (h xor v) * FACTOR, is one to one, so that a part in which a single number changed never keeps its digest.
 *
 * Source: Fowler, Noll and Vo, FNV-1a, on lanes of 32 bits.
 */
const program = new Program('digest', (module) => {
  module.func('compare', { ...parameters, ...span }, (f, p) => {
    const factor = f.let(I32x4.of(FACTOR));
    const hashes = Array.from({ length: ACCUMULATORS }, () => f.variable('i32x4'));
    f.loop(p.begin, p.end, 1, (part) => {
      const first = f.let(part.mul(PART));
      const from = f.let(p.w.add(first.shl(2)));
      for (const [i, hash] of hashes.entries()) hash.set(I32x4.of(p.seed.add(i)));
      forEachStep(f, f.let(p.length.sub(first).min(PART)), [from], ACCUMULATORS, (step) => {
        const v = maskStep(F32x4.load(from, step.offset), step).bits();
        const hash = hashes[step.lane];
        hash.set(hash.xor(v).mul(factor));
      });
      const digest = f.let(hashes[0]);
      for (const hash of hashes.slice(1)) digest.set(digest.xor(hash).mul(factor));
      const at = f.let(p.digests.add(part.shl(4)));
      f.if(digest.xor(F32x4.load(at).bits()).any(), () => {
        f.store(at, digest.asF32x4());
        // Every thread that comes here writes the same.
        f.store(p.changed, I32.of(1));
      });
    });
  });
});

const compare = program.entry('compare', parameters);

/** A word that says whether x has changed, and the digests. */
export function digestLength(length: number): number {
  return 16 + 4 * Math.ceil(length / PART);
}

/** Other instructions pack in another order, and count as a change. */
export function hasChanged(digests: Floats, x: Floats): boolean {
  const words = new Int32Array(digests.buffer, digests.byteOffset, 1);
  words[0] = 0;
  const seed = usesRelaxedSimd() ? 0x2545f491 : 0x1b873593;
  const changed = digests.byteOffset;
  const values = { changed, digests: changed + 64, w: x.byteOffset, length: x.length, seed };
  compare.run(values, Math.ceil(x.length / PART), 8);
  return words[0] !== 0;
}

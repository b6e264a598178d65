import { nodeModule } from '../base/nodeModule.js';
import type { FunctionBuilder, Variable } from './function.js';
import { ModuleBuilder } from './module.js';
import type { I32 } from './scalars.js';
import { F32x4 } from './vectors.js';

/** V8's flag for a compiler that joins two neighboring vectors into one of 256 bits. */
const FLAG = '--experimental-wasm-revectorize';

/** V8 of Node 24; before it, the flag is missing or its code is slower. */
const OLDEST_V8 = 13;

/** The wide tile must be this much faster than the narrow one: without joined vectors, it is slower. */
const LEAST_GAIN = 1.15;
/** Length of the sums, and how often a measurement repeats them: about 0.1 ms. */
const DEPTH = 256;
const REPEATS = 64;
/** Two measurements in a row that differ by less mean that the optimizing compiler has taken over. */
const SETTLED = 0.05;
const MOST_ROUNDS = 40;

let found: Promise<boolean> | undefined;

/**
 * Whether this engine computes faster on tiles of 16 columns than on tiles of 8, because its compiler joins neighboring vectors: found by
 * timing both, after V8's flag for it was set where it can be. The flag holds for everything that the process compiles afterwards.
 */
export function prefersWideVectors(fma: boolean): Promise<boolean> {
  found ??= measure(fma);
  return found;
}

/** Engines that don't know a flag print an error, so older ones are not asked. */
function setFlag(): void {
  const { process } = globalThis as { process?: { versions?: { v8?: string | undefined } | undefined } | undefined };
  if (Number.parseInt(process?.versions?.v8 ?? '', 10) < OLDEST_V8) return;
  nodeModule<{ setFlagsFromString?: ((flag: string) => void) | undefined }>('node:v8')?.setFlagsFromString?.(FLAG);
}

async function measure(fma: boolean): Promise<boolean> {
  setFlag();
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const module = new ModuleBuilder({ fma, wide: true, shared: false, maximumPages: 1, silent: true });
  for (const panels of [1, 2]) defineTile(module, panels);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), { env: { memory } });
  const [narrow, wide] = [1, 2].map((panels) => exports[`tile${panels}`] as (repeats: number) => void);
  // Per column, since the wide tile does twice the work.
  let [before, now] = [Infinity, Infinity];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const ratio = (2 * best(narrow)) / best(wide);
    [before, now] = [now, ratio];
    if (round >= 4 && Math.abs(now / before - 1) < SETTLED) break;
    // The compiler works in the background and needs the loop of events to hand over.
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return now >= LEAST_GAIN;
}

function best(tile: (repeats: number) => void): number {
  let least = Infinity;
  for (let i = 0; i < 8; i++) {
    const start = performance.now();
    tile(REPEATS);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** The register tile of the products on one page of memory: six rows times `panels` times eight columns. */
function defineTile(module: ModuleBuilder, panels: number): void {
  const rows = module.options.fma ? 6 : 4;
  module.func(`tile${panels}`, { repeats: 'i32' }, (f, p) => {
    f.loop(0, p.repeats, 1, () => emitSums(f, rows, panels));
  });
}

function emitSums(f: FunctionBuilder, rows: number, panels: number): void {
  const sums = Array.from({ length: rows }, () => Array.from({ length: 2 * panels }, () => f.variable('f32x4')));
  for (const sum of sums.flat()) sum.set(F32x4.of(0));
  const a = f.i32(0);
  const b: Variable<'i32'>[] = Array.from({ length: panels }, (_, i) => f.i32(8192 + 32 * DEPTH * i));
  f.loop(0, DEPTH, 1, () => {
    const row = b.flatMap((panel: I32) => [0, 16].map((half) => f.let(F32x4.load(panel, half))));
    for (let r = 0; r < rows; r++) {
      const value = f.let(F32x4.splat(a, 4 * r));
      for (const [i, sum] of sums[r].entries()) sum.set(f.fma(value, row[i], sum));
    }
    a.set(a.add(4 * rows));
    for (const panel of b) panel.set(panel.add(32));
  });
  const c = f.i32(8192 + 64 * DEPTH);
  for (const [i, sum] of sums.flat().entries()) f.store(c, sum, 16 * i);
}

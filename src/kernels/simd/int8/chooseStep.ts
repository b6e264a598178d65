import { fixedCalls } from '../../../wasm/fixedCalls.js';
import { usesRelaxedSimd } from '../../../wasm/program.js';
import type { Int8ConvGeometry } from '../../contracts/quantized.js';
import { bytePairs, bytes, dots, type Step, words } from './steps.js';
import { StepTrial } from './stepTrial.js';

/** How much faster than the usual one a step must be: less may be noise. */
const MARGIN = 0.85;
const [ROUNDS, CALLS] = [4, 60];

let found: { readonly narrow: Step; readonly wide: Step } | null = null;

/**
 * The fastest of the steps that are exact for the operands of g: all are for narrow x and w, all but pairs for narrow x. They are timed once for each
 * process, since CPUs and engines differ; results don't.
 */
export function chooseStep(g: Pick<Int8ConvGeometry, 'narrowX' | 'narrowW'>): Step {
  if (!usesRelaxedSimd() || !g.narrowX) return words;
  found ??= fixedCalls() === null ? timeSteps() : { narrow: bytePairs, wide: bytes };
  return g.narrowW ? found.narrow : found.wide;
}

function timeSteps(): { narrow: Step; wide: Step } {
  const trial = new StepTrial(
    (i) => i & 127,
    (k, o) => ((k + o) & 127) - 64,
  );
  const steps = [bytePairs, bytes, dots, words];
  const least = new Map(steps.map((step) => [step, Number.POSITIVE_INFINITY]));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const step of steps) {
        trial.pack(step);
        const start = performance.now();
        for (let call = 0; call < CALLS; call++) trial.run(step);
        least.set(step, Math.min(least.get(step) as number, performance.now() - start));
      }
    }
  } finally {
    trial.release();
  }
  return { narrow: fastest(bytePairs, [bytes, dots, words], least), wide: fastest(bytes, [dots, words], least) };
}

/** The usual step, or the fastest of others that are clearly faster. */
export function fastest(usual: Step, others: readonly Step[], least: ReadonlyMap<Step, number>): Step {
  const time = (step: Step): number => least.get(step) ?? Number.POSITIVE_INFINITY;
  const [best = usual] = others.toSorted((a, b) => time(a) - time(b));
  return time(best) < MARGIN * time(usual) ? best : usual;
}

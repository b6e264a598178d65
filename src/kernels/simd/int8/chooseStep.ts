import { usesRelaxedSimd } from '../../../wasm/program.js';
import type { Int8ConvGeometry } from '../../contracts/quantized.js';
import { bytePairs, bytes, type Step, words } from './steps.js';

/** The fastest of the steps that are exact for the operands of g. */
export function chooseStep(g: Pick<Int8ConvGeometry, 'narrowX' | 'narrowW'>): Step {
  if (!usesRelaxedSimd() || !g.narrowX) return words;
  return g.narrowW ? bytePairs : bytes;
}

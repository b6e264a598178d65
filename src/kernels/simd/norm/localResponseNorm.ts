import type { Floats } from '../../../memory/memory.js';
import type { LocalResponseNormGeometry } from '../../contracts/normalization.js';
import { grainOf, pointerTo } from '../elementwise/steps.js';
import { EXPONENTS, PIXELS, localResponseNormProgram as program } from './localResponseNormProgram.js';

/** All in float32: y is off by (size + 12) u of itself, for exponents other than 0.5, 0.75 and 1 by beta |log s| u more. */
export function localResponseNorm(y: Floats, x: Floats, g: LocalResponseNormGeometry): void {
  run('', [y, null, x], g);
}

export function localResponseNormBackward(dx: Floats, dy: Floats, x: Floats, g: LocalResponseNormGeometry): void {
  run('Backward', [dy, dx, x], g);
}

function run(pass: '' | 'Backward', arrays: (Floats | null)[], g: LocalResponseNormGeometry): void {
  const name = Object.keys(EXPONENTS).find((key) => EXPONENTS[key] === g.beta) ?? 'any';
  const parts = Math.ceil(g.spatial / PIXELS);
  const neighbourhood = [Math.floor(g.size / 2), Math.floor((g.size - 1) / 2)];
  const values = [g.channels, g.spatial, ...neighbourhood, parts, g.alpha / g.size, g.beta, g.k];
  const grain = grainOf(g.channels * Math.min(g.spatial, PIXELS));
  program.run(name + pass, [...arrays.map(pointerTo), ...values], g.batch * parts, grain);
}

import type { Floats } from '../../../memory/memory.js';
import type { LocalResponseNormGeometry } from '../../contracts/normalization.js';
import { grainOf, pointerTo } from '../elementwise/steps.js';
import { PIXELS, responseEntry } from './localResponseNormProgram.js';

/** All in float32: y is off by (size + 12) u of itself, for exponents other than 0.5, 0.75 and 1 by beta |log s| u more. */
export function localResponseNorm(y: Floats, x: Floats, g: LocalResponseNormGeometry): void {
  run('', y, null, x, g);
}

export function localResponseNormBackward(dx: Floats, dy: Floats, x: Floats, g: LocalResponseNormGeometry): void {
  run('Backward', dy, dx, x, g);
}

function run(pass: '' | 'Backward', out: Floats, dx: Floats | null, x: Floats, g: LocalResponseNormGeometry): void {
  const { channels, spatial, beta, k } = g;
  const parts = Math.ceil(spatial / PIXELS);
  const pointers = { out: out.byteOffset, dx: pointerTo(dx), x: x.byteOffset };
  const neighborhood = { before: Math.floor(g.size / 2), after: Math.floor((g.size - 1) / 2) };
  const values = { channels, spatial, parts, factor: g.alpha / g.size, beta, k };
  const grain = grainOf(channels * Math.min(spatial, PIXELS));
  responseEntry(pass, beta).runGroups([pointers, values, neighborhood], g.batch * parts, grain);
}

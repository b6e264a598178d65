import type { Floats } from '../../../memory/memory.js';
import type { Upsample2dGeometry } from '../../contracts/pooling.js';
import { grainOf } from '../elementwise/steps.js';
import { adaptiveValues } from '../pool/poolValues.js';
import { nearest } from './upsampleProgram.js';

export function upsampleNearest2d(y: Floats, x: Floats, g: Upsample2dGeometry): void {
  const entry = g.outWidth === 2 * g.inWidth ? 'nearestDouble' : 'nearest';
  nearest[entry].run(adaptiveValues(y, x, x, g), g.planes, grainOf(g.outHeight * g.outWidth));
}

export function upsampleNearest2dBackward(dx: Floats, dy: Floats, g: Upsample2dGeometry): void {
  const entry = g.outWidth === 2 * g.inWidth ? 'nearestDoubleBackward' : 'nearestBackward';
  nearest[entry].run(adaptiveValues(dy, dx, dx, g), g.planes, grainOf(g.outHeight * g.outWidth));
}

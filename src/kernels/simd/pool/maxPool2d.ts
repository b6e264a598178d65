import type { Floats } from '../../../memory/memory.js';
import type { Pool2dGeometry } from '../../geometry.js';
import { grainOf } from '../elementwise/steps.js';
import { max, maxBackward, maxBackwardTwoByTwo } from './poolProgram.js';
import { insideOf, isTwoByTwo, poolValues } from './poolValues.js';

export function maxPool2d(y: Floats, x: Floats, g: Pool2dGeometry): void {
  const { reading, inside } = insideOf(g);
  max(reading).run(poolValues(y, x, x, g, inside), g.planes, grainOf(g.inHeight * g.inWidth));
}

/** The largest values are found anew, as in the plain kernel. */
export function maxPool2dBackward(dx: Floats, dy: Floats, x: Floats, g: Pool2dGeometry): void {
  const { reading, inside } = insideOf(g);
  const entry = isTwoByTwo(g) ? maxBackwardTwoByTwo : maxBackward(reading);
  entry.run(poolValues(dy, dx, x, g, inside), g.planes, grainOf(g.inHeight * g.inWidth));
}

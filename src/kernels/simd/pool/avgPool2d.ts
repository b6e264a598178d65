import type { Floats } from '../../../memory/memory.js';
import type { Pool2dGeometry } from '../../geometry.js';
import { grainOf } from '../elementwise/steps.js';
import { average, averageBackward } from './poolProgram.js';
import { insideOf, isTwoByTwo, NONE_INSIDE, poolValues } from './poolValues.js';

/** Windows inside the image are summed in float32 lanes, those at its edges in doubles. */
export function avgPool2d(y: Floats, x: Floats, g: Pool2dGeometry): void {
  const { reading, inside } = insideOf(g);
  average(reading).run(poolValues(y, x, x, g, inside), g.planes, grainOf(g.inHeight * g.inWidth));
}

export function avgPool2dBackward(dx: Floats, dy: Floats, g: Pool2dGeometry): void {
  const way = isTwoByTwo(g) ? 'pairs' : g.strideWidth === 1 ? 'overlapping' : 'single';
  const inside = way === 'single' ? NONE_INSIDE : insideOf(g).inside;
  const values = poolValues(dy, dx, dx, g, inside);
  averageBackward[way].run(values, g.planes, grainOf(g.inHeight * g.inWidth));
}

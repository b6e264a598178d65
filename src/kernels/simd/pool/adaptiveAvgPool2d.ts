import type { Floats } from '../../../memory/memory.js';
import type { AdaptivePool2dGeometry } from '../../contracts/pooling.js';
import { grainOf } from '../elementwise/steps.js';
import { average, averageBackward, globalAverage, globalAverageBackward } from './adaptiveProgram.js';
import { adaptiveValues } from './poolValues.js';

/** Windows are summed in doubles; the whole plane in float32 lanes over at most 1024 values, and on in doubles. */
export function adaptiveAvgPool2d(y: Floats, x: Floats, g: AdaptivePool2dGeometry): void {
  const entry = isGlobal(g) ? globalAverage : average;
  entry.run(adaptiveValues(y, x, x, g), g.planes, grainOf(g.inHeight * g.inWidth));
}

export function adaptiveAvgPool2dBackward(dx: Floats, dy: Floats, g: AdaptivePool2dGeometry): void {
  const entry = isGlobal(g) ? globalAverageBackward : averageBackward;
  entry.run(adaptiveValues(dy, dx, dx, g), g.planes, grainOf(g.inHeight * g.inWidth));
}

function isGlobal(g: AdaptivePool2dGeometry): boolean {
  return g.outHeight === 1 && g.outWidth === 1;
}

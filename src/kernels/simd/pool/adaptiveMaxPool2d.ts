import type { Floats } from '../../../memory/memory.js';
import type { AdaptivePool2dGeometry } from '../../contracts/pooling.js';
import { grainOf } from '../elementwise/steps.js';
import { max, maxBackward } from './adaptiveProgram.js';
import { adaptiveValues } from './poolValues.js';

export function adaptiveMaxPool2d(y: Floats, x: Floats, g: AdaptivePool2dGeometry): void {
  max.run(adaptiveValues(y, x, x, g), g.planes, grainOf(g.inHeight * g.inWidth));
}

export function adaptiveMaxPool2dBackward(dx: Floats, dy: Floats, x: Floats, g: AdaptivePool2dGeometry): void {
  maxBackward.run(adaptiveValues(dy, dx, x, g), g.planes, grainOf(g.inHeight * g.inWidth));
}

import type { Floats } from '../../memory/memory.js';
import type { FusedActivation } from '../contracts/convolution.js';
import type { Conv2dGeometry } from '../geometry.js';

/** y = activation(scale[o] * y + shift[o]) in place: what `conv2dFused` does behind its convolution. */
export function finish(
  y: Floats,
  scale: Floats | null,
  shift: Floats | null,
  activation: FusedActivation,
  g: Conv2dGeometry,
): void {
  const pixels = g.outHeight * g.outWidth;
  const low = activation === 0 ? -Infinity : 0;
  const high = activation === 2 ? 6 : Infinity;
  for (let plane = 0; plane < g.batch * g.outChannels; plane++) {
    const o = plane % g.outChannels;
    const a = scale === null ? 1 : scale[o];
    const b = shift === null ? 0 : shift[o];
    const end = (plane + 1) * pixels;
    for (let i = plane * pixels; i < end; i++) y[i] = Math.min(Math.max(a * y[i] + b, low), high);
  }
}

import type { Floats } from '../../memory/memory.js';
import type { FusedActivation } from '../contracts/convolution.js';
import type { Conv2dGeometry } from '../geometry.js';

/** The activations as formulas. */
const formulas: Readonly<Record<FusedActivation, (v: number) => number>> = {
  none: (v) => v,
  relu: (v) => Math.max(v, 0),
  relu6: (v) => Math.min(Math.max(v, 0), 6),
  hardSwish: (v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6,
  hardSigmoid: (v) => Math.min(Math.max(v + 3, 0), 6) / 6,
  silu: (v) => v / (1 + Math.exp(-v)),
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
};

/** y = activation(scale[o] * y + shift[o] + residual) in place: what `conv2dFused` does behind its convolution. */
export function finish(
  y: Floats,
  scale: Floats | null,
  shift: Floats | null,
  residual: Floats | null,
  activation: FusedActivation,
  g: Conv2dGeometry,
): void {
  const pixels = g.outHeight * g.outWidth;
  const f = formulas[activation];
  for (let plane = 0; plane < g.batch * g.outChannels; plane++) {
    const o = plane % g.outChannels;
    const a = scale === null ? 1 : scale[o];
    const b = shift === null ? 0 : shift[o];
    const end = (plane + 1) * pixels;
    for (let i = plane * pixels; i < end; i++) y[i] = f(a * y[i] + b + (residual === null ? 0 : residual[i]));
  }
}

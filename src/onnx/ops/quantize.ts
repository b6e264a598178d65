import { runHostKernel } from '../../tensor/hostKernel.js';
import { record } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';
import { sourceOf } from './stretched.js';

/** The nearest whole number; halves go to the even one. */
export function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/**
 * y = round(x / scale) + zero, cut to `range`, where scale and zero broadcast to x. Halves go to the even number, and the quotient is a
 * float32, as in onnxruntime. Its gradient is that of x / scale where nothing is cut.
 */
export function quantize(
  x: Tensor,
  scale: Tensor,
  zero: Tensor | null,
  [least, most]: readonly [number, number],
): Tensor {
  const y = Tensor.empty('quantizeLinear', x.shape);
  const [s, z] = [scale, zero ?? scale].map((t) => sourceOf(x.shape, t.shape));
  runHostKernel('quantizeLinear', [y], zero ? [x, scale, zero] : [x, scale], ([to], [from, by, shift]) => {
    for (let i = 0; i < to.length; i++) {
      const steps = roundHalfEven(Math.fround(from[i] / by[s.at ? s.at[i] : i * s.step]));
      const v = steps + (zero ? shift[z.at ? z.at[i] : i * z.step] : 0);
      to[i] = v < least ? least : v > most ? most : v;
    }
  });
  record(
    'quantizeLinear',
    zero ? [x, scale, zero] : [x, scale],
    y,
    (dy, [dx]) => {
      if (!dx) return;
      const [by, given, outer, into] = [scale.data, y.data, dy.data, dx.data];
      for (let i = 0; i < into.length; i++) {
        if (given[i] > least && given[i] < most) into[i] += outer[i] / by[s.at ? s.at[i] : i * s.step];
      }
    },
    { attributes: { least, most } },
  );
  return y;
}

/** The scale and zero point that spread the values of x, and 0, over 0 ... 255. */
export function dynamicRange(x: Tensor): { scale: Tensor; zero: Tensor } {
  const [scale, zero] = [0, 1].map(() => Tensor.empty('dynamicQuantizeLinear', []));
  runHostKernel('dynamicQuantizeLinear', [scale, zero], [x], ([scale, zero], [values]) => {
    let [low, high] = [0, 0];
    for (const v of values) {
      if (v < low) low = v;
      if (v > high) high = v;
    }
    const step = low === high ? 1 : Math.fround(Math.fround(high - low) / 255);
    scale[0] = step;
    zero[0] = roundHalfEven(Math.min(255, Math.max(0, Math.fround(-low / step))));
  });
  // They depend on x, so that an export does not take them for constants; nothing is learned through them.
  for (const t of [scale, zero]) record('dynamicQuantizeLinear', [x], t, () => undefined);
  return { scale, zero };
}

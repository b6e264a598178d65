import type { Shape } from '../../base/shape.js';
import { compile } from '../../graph/index.js';
import type { Module } from '../../layers/module.js';
import { randn } from '../../tensor/ops/math/random.js';
import { Tensor } from '../../tensor/tensor.js';
import { quantize } from '../quantize/quantize.js';

/** How long one model may be measured, in milliseconds, and how many calls at most. */
const [LONGEST, MOST_CALLS] = [400, 60];

/** The median time of a compiled model for one input: see `medianTime`. */
export function millisecondsOf(model: Module, inputShape: Shape, enough: number): number {
  const compiled = compile(model, { inputShape });
  const x = Tensor.zeros(inputShape);
  try {
    return medianTime(() => compiled.predict(x).dispose(), enough);
  } finally {
    x.dispose();
    compiled.release();
  }
}

/** The time and the file of a model in 8-bit integers, which is calibrated on noise: neither depends on the images. */
export async function measureInt8(
  model: Module,
  inputShape: Shape,
  enough: number,
): Promise<{ ms: number; bytes: number }> {
  const x = randn(inputShape);
  try {
    const quantized = await quantize(model, { inputShape, calibration: x, maxDrop: Infinity });
    const bytes = quantized.save().length;
    const ms = medianTime(() => quantized.predict(x).dispose(), enough);
    quantized.plan.release();
    return { ms, bytes };
  } finally {
    x.dispose();
  }
}

/**
 * The median of several calls, in milliseconds, after two that prepare; Infinity as soon as two calls in a row took four times `enough`.
 */
function medianTime(call: () => void, enough: number): number {
  const once = (): number => {
    const start = performance.now();
    call();
    return performance.now() - start;
  };
  once();
  if (Math.min(once(), once()) > 4 * enough) return Infinity;
  const times: number[] = [];
  for (let total = 0; times.length < 5 || (total < LONGEST && times.length < MOST_CALLS); ) {
    const time = once();
    times.push(time);
    total += time;
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

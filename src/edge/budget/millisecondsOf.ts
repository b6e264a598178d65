import type { Shape } from '../../base/shape.js';
import { compile } from '../../graph/index.js';
import type { Module } from '../../layers/module.js';
import { Tensor } from '../../tensor/tensor.js';

/** How long one model may be measured, in milliseconds, and how many calls at most. */
const [LONGEST, MOST_CALLS] = [400, 60];

/**
 * The median time of a compiled model for one input, in milliseconds, after two calls that prepare it; Infinity as soon as two calls in a row took four
 * times `enough`.
 */
export function millisecondsOf(model: Module, inputShape: Shape, enough: number): number {
  const compiled = compile(model, { inputShape });
  const x = Tensor.zeros(inputShape);
  const once = (): number => {
    const start = performance.now();
    compiled.predict(x).dispose();
    return performance.now() - start;
  };
  try {
    once();
    if (Math.min(once(), once()) > 4 * enough) return Infinity;
    const times: number[] = [];
    for (let total = 0; times.length < 5 || (total < LONGEST && times.length < MOST_CALLS); ) {
      const time = once();
      times.push(time);
      total += time;
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
  } finally {
    x.dispose();
    compiled.release();
  }
}

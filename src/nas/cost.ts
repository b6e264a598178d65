import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import type { Shape } from '../base/shape.js';
import { summary } from '../debug/summary.js';
import { compile } from '../graph/compile.js';
import type { Module } from '../layers/module.js';
import { Tensor } from '../tensor/tensor.js';

/** What a network costs, whatever machine runs it. */
export interface ArchitectureCost {
  /** Numbers that training changes. */
  parameters: number;
  /** Multiply-adds of convolutions and linear layers in one forward pass. */
  multiplyAdds: number;
}

/** Parameters and multiply-adds of a network for an input shape [N, C, H, W], as an objective that has no noise. Nothing is computed. */
export function architectureCost(model: Module, inputShape: Shape): ArchitectureCost {
  const { params, macs } = summary(model, inputShape);
  return { parameters: params, multiplyAdds: macs };
}

/** Options of `measureLatency`. */
export interface LatencyOptions {
  /** Runs that are timed. Default 15. */
  repeats?: number | undefined;
  /** Runs before them. Default 3. */
  warmup?: number | undefined;
}

/**
 * Milliseconds that the compiled network takes for an input of a shape [N, C, H, W]: the median of several runs on this machine, with the kernels and
 * threads in use. Other work on the machine changes it; `architectureCost` does not vary.
 */
export function measureLatency(model: Module, inputShape: Shape, options: LatencyOptions = {}): number {
  checkOptions('measureLatency', options, ['repeats', 'warmup']);
  const repeats = checkWhole('measureLatency', 'repeats', options.repeats ?? 15, 1);
  const warmup = checkWhole('measureLatency', 'warmup', options.warmup ?? 3, 0);
  const plan = compile(model, { inputShape });
  const x = Tensor.zeros(inputShape);
  try {
    const times: number[] = [];
    for (let i = -warmup; i < repeats; i++) {
      const begun = performance.now();
      plan.predict(x).dispose();
      if (i >= 0) times.push(performance.now() - begun);
    }
    times.sort((a, b) => a - b);
    return times[times.length >> 1];
  } finally {
    x.dispose();
    plan.release();
  }
}

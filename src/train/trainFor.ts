import { ArgumentError } from '../base/errors.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Callback } from './callbacks.js';

/**
 * Trains some parameters in the first epochs only, and freezes them for the rest: layers near the input settle early, and the
 * gradient then need not come back to them.
 *
 * Source: Brock et al. 2017, "FreezeOut" (arXiv:1706.04983); for the bias of a whitening layer, Jordan 2024 (arXiv:2404.00498),
 * section 3.1.
 *
 * @example
 * await fit(model, { ...options, callbacks: [trainFor(3, model.whiten.parameters())] });
 */
export function trainFor(epochs: number, parameters: Iterable<Parameter>): Callback {
  if (!Number.isInteger(epochs) || epochs < 0) {
    throw new ArgumentError(`trainFor: epochs is ${epochs}, but must be a whole number >= 0.`);
  }
  // Those that are frozen already stay so.
  const some = [...parameters].filter((p) => p.requiresGrad);
  return {
    onEpochStart(_run, epoch) {
      for (const p of some) p.requiresGrad = epoch <= epochs;
    },
    onTrainEnd() {
      for (const p of some) p.requiresGrad = true;
    },
  };
}

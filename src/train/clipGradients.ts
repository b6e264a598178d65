import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { clipGradNorm, clipGradValue } from '../optim/clip.js';
import { checkRange } from '../optim/options.js';
import type { TrainingPart } from './trainingPart.js';

/** Exactly one of the two. */
export interface ClipGradientsOptions {
  /** The largest norm of all gradients together: see `clipGradNorm`. */
  norm?: number | undefined;
  /** The largest absolute value of each element: see `clipGradValue`. */
  value?: number | undefined;
}

/**
 * Clips the gradients before each step. Callbacks run in order, so those after it see clipped gradients. The option `clipNorm` of `fit` is
 * `clipGradients({ norm: clipNorm })` after all callbacks.
 *
 * Throws `ArgumentError` unless one of `norm` and `value` is given and above 0; during training, `NonFiniteError` when `norm` meets a gradient
 * with NaN or infinity.
 *
 * @example
 * await fit(model, { train, optimizer, epochs: 10, callbacks: [clipGradients({ value: 0.5 })] });
 */
export function clipGradients(options: ClipGradientsOptions): TrainingPart {
  checkOptions('clipGradients', options, ['norm', 'value']);
  const { norm, value } = options;
  for (const [name, limit] of Object.entries({ norm, value })) {
    if (limit !== undefined) checkRange('clipGradients', name, limit, 0, Infinity, { above: true });
  }
  if ((norm === undefined) === (value === undefined)) {
    throw new ArgumentError(
      `clipGradients: ${norm === undefined ? 'neither norm nor value is given' : 'both norm and value are given'}. Pass one of them, or two callbacks to clip by both.`,
    );
  }
  return {
    onGradients(_run, { parameters }) {
      if (parameters.length === 0) return;
      if (norm !== undefined) clipGradNorm(parameters, norm);
      else clipGradValue(parameters, value as number);
    },
  };
}

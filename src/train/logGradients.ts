import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { checkCount } from '../optim/options.js';
import type { TrainingPart } from './trainingPart.js';

/** The gradients of one step in numbers. */
export interface GradientNorms {
  /** Counted from 1. */
  step: number;
  /** Mean loss of the batch. */
  loss: number;
  /** The norm of all gradients together. */
  norm: number;
  /** The norm of the gradient of each parameter, by its name in the model. */
  norms: ReadonlyMap<string, number>;
}

/** When `logGradients` logs, and where to. */
export interface LogGradientsOptions {
  /** Steps between logs. Default 100. */
  every?: number | undefined;
  /** Receives the norms. Default: prints the joint norm and the largest one. */
  log?: ((norms: GradientNorms) => void) | undefined;
}

/**
 * Logs the norms of the gradients every few steps. NaN and infinity are logged too. Callbacks run in order: put it before clipping to see the
 * gradients as backward made them.
 *
 * Throws `ArgumentError` for options that are unknown or out of range.
 *
 * @example
 * await fit(model, { train, optimizer, epochs: 10, callbacks: [logGradients({ every: 50 })] });
 * // step 50: loss 1.9312, gradient norm 2.114, largest 1.207 in conv1.weight
 */
export function logGradients(options: LogGradientsOptions = {}): TrainingPart {
  checkOptions('logGradients', options, ['every', 'log']);
  const { every = 100, log = print } = options;
  checkCount('logGradients', 'every', every, 1);
  if (typeof log !== 'function') throw new ArgumentError(`logGradients: log is ${log}, but must be a function.`);
  return {
    onGradients({ model }, { step, loss, parameters }) {
      if (step % every !== 0) return;
      const names = new Map([...model.namedParameters()].map(([name, parameter]) => [parameter, name]));
      const norms = new Map<string, number>();
      let squares = 0;
      for (const [i, parameter] of parameters.entries()) {
        const sum = sumOfSquares(parameter.grad?.data ?? []);
        norms.set(names.get(parameter) ?? `parameter ${i} of the optimizer`, Math.sqrt(sum));
        squares += sum;
      }
      log({ step, loss, norm: Math.sqrt(squares), norms });
    },
  };
}

function sumOfSquares(data: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] * data[i];
  return sum;
}

function print({ step, loss, norm, norms }: GradientNorms): void {
  const [name, largest] = [...norms].reduce((a, b) => (b[1] > a[1] ? b : a), ['no parameter', 0]);
  console.log(
    `step ${step}: loss ${loss.toFixed(4)}, gradient norm ${norm.toPrecision(4)}, largest ${largest.toPrecision(4)} in ${name}`,
  );
}

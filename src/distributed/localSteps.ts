import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';

/** Local SGD: how long ranks train on their own, and the outer step that joins their weights. */
export interface LocalSteps {
  /** Steps that each rank makes on its own between two exchanges. */
  steps: number;
  /** Learning rate of the outer step. Default 0.7. */
  learningRate?: number | undefined;
  /** Nesterov momentum of the outer step. Default 0.9. */
  momentum?: number | undefined;
}

/** Throws `ArgumentError` for an option that is unknown or out of range. */
export function checkLocalSteps(local: LocalSteps): void {
  checkOptions('createGroup: local', local, ['steps', 'learningRate', 'momentum']);
  const { steps, learningRate = 0.7, momentum = 0.9 } = local;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new ArgumentError(`createGroup: local.steps is ${steps}, but must be a whole number >= 1.`);
  }
  if (!(learningRate > 0 && Number.isFinite(learningRate))) {
    throw new ArgumentError(`createGroup: local.learningRate is ${learningRate}, but must be > 0.`);
  }
  if (!(momentum >= 0 && momentum < 1)) {
    throw new ArgumentError(`createGroup: local.momentum is ${momentum}, but must be at least 0 and below 1.`);
  }
}

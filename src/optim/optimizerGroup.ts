import type { Parameter } from '../tensor/parameter.js';

/** Options of every optimizer; each one adds its own. Values must be plain, since they are saved with the state. */
export interface OptimizerOptions {
  /** The size of a step. A schedule may change it. */
  learningRate: number;
  /** L2 penalty: adds this times the weight to the gradient. */
  weightDecay: number;
}

/** A group inside an optimizer, with every option filled in. */
export interface OptimizerGroup<O extends OptimizerOptions = OptimizerOptions> {
  /** The parameters that these options are for. */
  readonly params: readonly Parameter[];
  /** This group's learning rate divided by `optimizer.learningRate`. */
  learningRateScale: number;
  /** The options in effect except for the learning rate, which is `optimizer.learningRate * learningRateScale`. */
  options: Omit<O, 'learningRate'>;
}

import type { Parameter } from '../tensor/parameter.js';

/** What every optimiser has; each adds its own. All values are plain: they are saved with the state. */
export interface OptimizerOptions {
  learningRate: number;
  /** L2 penalty: this times the weight joins the gradient. */
  weightDecay: number;
}

/** A group inside an optimiser: every option filled in. */
export interface OptimizerGroup<O extends OptimizerOptions = OptimizerOptions> {
  readonly params: readonly Parameter[];
  /** This group's learning rate divided by `optimizer.learningRate`. */
  learningRateScale: number;
  /** The options in effect, but for the learning rate: that is `optimizer.learningRate * learningRateScale`. */
  options: Omit<O, 'learningRate'>;
}

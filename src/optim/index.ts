// The public names of stridenet/optim: every optimizer and schedule.

export { Adadelta, type AdadeltaOptions } from './adadelta.js';
export { Adagrad, type AdagradOptions } from './adagrad.js';
export { Adam, type AdamOptions } from './adam.js';
export { AdamW } from './adamw.js';
export { clipGradNorm, clipGradValue } from './clip.js';
export { CombinedOptimizer } from './combinedOptimizer.js';
export { cosineSchedule, type OneCycleOptions, oneCycleSchedule, triangularSchedule } from './cyclicSchedules.js';
export { ExponentialMovingAverage, type ExponentialMovingAverageOptions } from './ema.js';
export { LAMB, type LAMBOptions } from './lamb.js';
export { Lion, type LionOptions } from './lion.js';
export { Lookahead, type LookaheadOptions } from './lookahead.js';
export { Muon, type MuonOptions } from './muon.js';
export { orthogonalize } from './newtonSchulz.js';
export {
  Optimizer,
  type OptimizerGroup,
  type OptimizerOptions,
  type OptimizerParameters,
  type ParameterGroup,
} from './optimizer.js';
export type { OptimizerState } from './optimizerState.js';
export type { SomeOf } from './options.js';
export { type GroupRule, muonParameters, parameterGroups } from './parameterGroups.js';
export { ParameterState } from './parameterState.js';
export { ReduceOnPlateau, type ReduceOnPlateauOptions, type ReduceOnPlateauState } from './reduceOnPlateau.js';
export { RMSprop, type RMSpropOptions } from './rmsprop.js';
export {
  constantSchedule,
  exponentialSchedule,
  multistepSchedule,
  piecewiseLinearSchedule,
  polynomialSchedule,
  type Schedule,
  stepSchedule,
  warmup,
} from './schedules.js';
export { SGD, type SGDOptions } from './sgd.js';
export type { WeightAverage } from './weightAverage.js';

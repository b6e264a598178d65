export { parameterImportance } from './importance.js';
export { type Journal, type JournalPart, memoryJournal } from './journal.js';
export { createPruner, createSampler } from './named.js';
export type { Direction, Objectives, TrialResult } from './objectives.js';
export { ashaPruner } from './pruners/asha.js';
export type { HalvingOptions } from './pruners/halvingOptions.js';
export { hyperbandPruner } from './pruners/hyperband.js';
export { type MedianPrunerOptions, medianPruner } from './pruners/median.js';
export type { Pruner, PrunerDecision, PrunerRun } from './pruners/pruner.js';
export { type SuccessiveHalvingOptions, successiveHalvingPruner } from './pruners/successiveHalving.js';
export { type EvolutionSamplerOptions, evolutionSampler } from './samplers/evolution.js';
export { type GridSamplerOptions, gridSampler } from './samplers/grid.js';
export { type LatinHypercubeSamplerOptions, latinHypercubeSampler } from './samplers/latinHypercube.js';
export { randomSampler } from './samplers/random.js';
export type { FinishedTrial, SampleRequest, Sampler } from './samplers/sampler.js';
export { type SobolSamplerOptions, sobolSampler } from './samplers/sobol.js';
export { type TpeSamplerOptions, tpeSampler } from './samplers/tpe.js';
export {
  type ChoiceParameter,
  type Condition,
  type Configuration,
  choice,
  type IntegerOptions,
  type IntegerParameter,
  integer,
  type LogParameter,
  log,
  type ParameterValue,
  type SearchParameter,
  type SearchSpace,
  type UniformParameter,
  uniform,
  when,
} from './space.js';
export { type AskOptions, type ReportAnswer, Study, type StudyOptions } from './study.js';
export type { Trial, TrialInfo, TrialState } from './trials.js';

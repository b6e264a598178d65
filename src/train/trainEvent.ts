import type { Evaluation } from './evaluate.js';
import type { GradientRecord } from './gradientRecord.js';
import type { EndReason, EpochRecord } from './history.js';
import type { TrainingRun } from './run.js';
import type { StepRecord } from './trainStep.js';

/** What happens in training, in order; each event carries the run, which can be asked, saved and stopped. */
export type TrainEvent = {
  /** The run that the event belongs to. It can be asked, saved and stopped. */
  run: TrainingRun;
} & (
  | { type: 'trainStart' }
  | { type: 'epochStart'; epoch: number }
  | { type: 'gradients'; gradients: GradientRecord }
  | { type: 'step'; step: StepRecord }
  | { type: 'evaluationStart'; epoch: number }
  | { type: 'evaluationEnd'; epoch: number; evaluation: Evaluation }
  | { type: 'epochEnd'; record: EpochRecord }
  | { type: 'trainEnd'; reason: EndReason }
);

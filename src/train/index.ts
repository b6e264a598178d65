// The public names of stridenet/train: training, evaluation and checkpoints.

export { averageWeights } from './averageWeights.js';
export type { BatchSource, LabeledBatch } from './batches.js';
export { type BestWeights, bestWeights, type Callback, earlyStopping } from './callbacks.js';
export { type CheckpointContent, type DataChecksums, inspectCheckpoint } from './checkpoint.js';
export { classificationLoss } from './classificationLoss.js';
export { type ClipGradientsOptions, clipGradients } from './clipGradients.js';
export { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.js';
export { type FindLearningRateOptions, findLearningRate, type LearningRateSearch } from './findLearningRate.js';
export { type FitOptions, fit } from './fit.js';
export { type GradientNoiseOptions, gradientNoise } from './gradientNoise.js';
export type { GradientRecord } from './gradientRecord.js';
export { type EndReason, type EpochRecord, History, type HistoryJson } from './history.js';
export { type GradientNorms, type LogGradientsOptions, logGradients } from './logGradients.js';
export type { Monitor } from './monitor.js';
export { TrainingRun } from './run.js';
export { slowWeights } from './slowWeights.js';
export type { TrainEvent } from './trainEvent.js';
export { trainFor } from './trainFor.js';
export type { TrainingClock } from './trainingClock.js';
export { trainingEvents } from './trainingEvents.js';
export type { TrainingPart, TrainingState } from './trainingPart.js';
export type { AnyOptimizer, Loss, TrainOptions } from './trainOptions.js';
export type { StepRecord } from './trainStep.js';
export { mirrorAndShiftViews, mirrorViews, predictViews, type View } from './views.js';

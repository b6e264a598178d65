// The public names of stridenet/metrics: what tells how good a model is.

export { Targets } from '../base/targets.js';
export { AverageScore } from './averageScore.js';
export { Calibration, expectedCalibrationError, type ReliabilityBin } from './calibration.js';
export {
  type Average,
  averageScores,
  type ClassScores,
  classScores,
  multiLabelScores,
  type Scores,
} from './classScores.js';
export { ConfusionMatrix, type Normalization } from './confusionMatrix.js';
export type { Metric } from './metric.js';
export { predictedTargets } from './predictedTargets.js';
export { averagePrecision, averagePrecisions, meanAveragePrecision, meanRocAuc, rocAuc, rocAucs } from './ranking.js';
export { MeanAveragePrecision, MeanRocAuc } from './rankingMetrics.js';
export { RunningMean } from './runningMean.js';
export { scoresTable } from './scoresTable.js';
export type { TargetValues } from './targets.js';
export { applyThresholds, bestThreshold, bestThresholds, type Threshold } from './thresholds.js';
export { countTopK, predictedClasses, TopKAccuracy, topKAccuracy } from './topK.js';

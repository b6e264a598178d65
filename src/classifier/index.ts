// The public names of stridenet/classifier: from photographs to answers.
export type { Classification, ClassifyOptions, Label } from './answer.js';
export type { ClassInfo } from './classInfo.js';
export type { Ancestor, ParentNode, Parents } from './hierarchy.js';
export { Hierarchy } from './hierarchy.js';
export { ImageClassifier, type Outcome, type SaveClassifierOptions } from './imageClassifier.js';
export { learnOperatingPoints, type OperatingPoints } from './operatingPoints.js';
export type { Photo, PixelSource } from './photo.js';
export { type PhotoView, type ViewSet, viewSets } from './photoViews.js';
export type { Picture } from './picture.js';
export { type Preprocessing, type PreprocessingOptions, preprocessing } from './preprocessing.js';
export { type DownloadPresetOptions, downloadPreset, loadPreset, presets } from './presets/loadPreset.js';
export type { Preset } from './presets/preset.js';
export type { ClassifierKind } from './probabilities.js';
export {
  type QuantizeClassifierOptions,
  type QuantizedClassifier,
  quantizeClassifier,
} from './quantizeClassifier.js';
export { trainingReport } from './report/page.js';
export type { ClassifierSettings, ImageClassifierOptions } from './settings.js';
export { fitBinaryTemperature, fitTemperature, type Scores } from './temperature.js';
export { calibrated } from './training/calibrate.js';
export { type EvaluateClassifierOptions, evaluateClassifier } from './training/evaluateClassifier.js';
export type { Skipped } from './training/features.js';
export { type LabelSuspect, labelSuspects } from './training/labelErrors.js';
export type { Measured, Prediction } from './training/measured.js';
export type { LabelPrediction, LabelScores, MeasuredLabels } from './training/measuredLabels.js';
export type { TrainClassifierOptions, TrainingProgress } from './training/options.js';
export { runTraining, type Suspect, type TrainingResult, trainClassifier } from './training/trainClassifier.js';
export { type FeatureNorm, TransferModel, type TransferModelOptions } from './transferModel.js';

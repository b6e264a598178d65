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
export type { ClassifierKind } from './probabilities.js';
export type { ClassifierSettings, ImageClassifierOptions } from './settings.js';
export { fitBinaryTemperature, fitTemperature, type Scores } from './temperature.js';
export { type FeatureNorm, TransferModel, type TransferModelOptions } from './transferModel.js';

// The public names of stridenet/data: data sets, loaders and the formats they come in.

export { CIFAR10_CLASSES, type NamedBytes, parseCifar10, parseCifar100 } from './cifar10.js';
export { CIFAR100_COARSE, CIFAR100_FINE } from './cifar100Classes.js';
export { classWeights, countClasses } from './classWeights.js';
export {
  type Dataset,
  ImageDataset,
  type ImagePixels,
  type ImageShape,
  splitDataset,
  subset,
} from './dataset.js';
export { datasetChecksum } from './datasetChecksum.js';
export type { BatchImages, BatchPlan, EpochImages, EpochPlan } from './epochPlan.js';
export { gunzip } from './gunzip.js';
export {
  chwToHwc,
  cropView,
  flipView,
  hwcToChw,
  type ImageView,
  type Pixels,
  pixelsOf,
  viewChw,
  viewHwc,
} from './hwc.js';
export { FASHION_MNIST_CLASSES, type IdxArray, MNIST_CLASSES, parseIdx, parseMnist } from './idx.js';
export { type Image, toFloat } from './image.js';
export { type KFoldOptions, kFold } from './kFold.js';
export { type Batch, DataLoader, type LoaderState } from './loader.js';
export type { DataLoaderOptions } from './loaderOptions.js';
export { measureMeanStd } from './meanStd.js';
export { type BatchMix, cutmix, type MixedBatch, mixup, oneOf } from './mix.js';
export { MultiLabelDataset } from './multiLabelDataset.js';
export { type Sampler, WeightedRandomSampler, type WeightedRandomSamplerOptions } from './sampler.js';
export { type RawImage, stackImages } from './stackImages.js';
export { type SyntheticOptions, synthetic } from './synthetic.js';

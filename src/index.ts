// The public names of stridenet: what one needs to build and train a network. Every part has more under a name of its own, as
// stridenet/optim. Nothing here imports from `node:`; files and data sets on disk are in stridenet/node.

// Errors

export {
  ArgumentError,
  DataError,
  DisposedError,
  FormatError,
  NonFiniteError,
  OutOfMemoryError,
  ShapeError,
  StateDictError,
  StridenetError,
} from './base/errors.js';

// Engine

export { manualSeed } from './base/random.js';
export type { KernelTable } from './kernels/family.js';
export { type KernelInfo, kernelInfo, useKernels } from './kernels/use.js';
export { type MemoryInfo, memoryInfo } from './memory/memory.js';

// Tensors

export type { Pair } from './base/check.js';
export type { Shape } from './base/shape.js';
export {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv2dOutputSize,
  type Padding,
  type Pool2dOptions,
} from './kernels/geometry.js';
export type { NdArray, NdArrayData, StridedArray } from './tensor/ndarray.js';
export { Parameter } from './tensor/parameter.js';
export { scope, withoutTape } from './tensor/scope.js';
export { type Backward, type GradientOptions, type Gradients, Tape, withTape } from './tensor/tape.js';
export { type ArrayOfRank, keep, type NestedArray, type NestedNumbers, Tensor } from './tensor/tensor.js';

// Operations

export {
  type BinaryCrossEntropyOptions,
  binaryCrossEntropyWithLogits,
} from './tensor/ops/loss/binaryCrossEntropyWithLogits.js';
export { type CrossEntropyOptions, crossEntropy } from './tensor/ops/loss/crossEntropy.js';
export { type HuberOptions, huberLoss } from './tensor/ops/loss/huberLoss.js';
export type { Labels } from './tensor/ops/loss/labels.js';
export { meanSquaredError } from './tensor/ops/loss/meanSquaredError.js';
export type { LossOptions, Reduction } from './tensor/ops/loss/reduceLoss.js';
export { abs } from './tensor/ops/math/abs.js';
export { add } from './tensor/ops/math/add.js';
export type { AffineOptions } from './tensor/ops/math/affine.js';
export { argmax } from './tensor/ops/math/argmax.js';
export { div } from './tensor/ops/math/div.js';
export { exp } from './tensor/ops/math/exp.js';
export { log } from './tensor/ops/math/log.js';
export { matmul } from './tensor/ops/math/matmul.js';
export { max, min } from './tensor/ops/math/max.js';
export { mean } from './tensor/ops/math/mean.js';
export { mul } from './tensor/ops/math/mul.js';
export { neg } from './tensor/ops/math/neg.js';
export { pow } from './tensor/ops/math/pow.js';
export { randn, uniform } from './tensor/ops/math/random.js';
export type { ReduceOptions } from './tensor/ops/math/reduction.js';
export { sqrt } from './tensor/ops/math/sqrt.js';
export { square } from './tensor/ops/math/square.js';
export { sub } from './tensor/ops/math/sub.js';
export { sum } from './tensor/ops/math/sum.js';
export { adaptiveAvgPool2d } from './tensor/ops/nn/adaptiveAvgPool2d.js';
export { adaptiveMaxPool2d } from './tensor/ops/nn/adaptiveMaxPool2d.js';
export { avgPool2d } from './tensor/ops/nn/avgPool2d.js';
export { type BatchNorm2dOptions, batchNorm2d } from './tensor/ops/nn/batchNorm2d.js';
export { conv2d } from './tensor/ops/nn/conv2d.js';
export { convTranspose2d } from './tensor/ops/nn/convTranspose2d.js';
export { type DropoutOptions, dropout } from './tensor/ops/nn/dropout.js';
export { dropout2d } from './tensor/ops/nn/dropout2d.js';
export { elu } from './tensor/ops/nn/elu.js';
export { type GeluOptions, gelu } from './tensor/ops/nn/gelu.js';
export { globalAvgPool2d } from './tensor/ops/nn/globalAvgPool2d.js';
export { globalMaxPool2d } from './tensor/ops/nn/globalMaxPool2d.js';
export { groupNorm } from './tensor/ops/nn/groupNorm.js';
export { hardSigmoid } from './tensor/ops/nn/hardSigmoid.js';
export { hardSwish } from './tensor/ops/nn/hardSwish.js';
export { layerNorm } from './tensor/ops/nn/layerNorm.js';
export { leakyRelu } from './tensor/ops/nn/leakyRelu.js';
export { linear } from './tensor/ops/nn/linear.js';
export { type LocalResponseNormOptions, localResponseNorm } from './tensor/ops/nn/localResponseNorm.js';
export { logSoftmax } from './tensor/ops/nn/logSoftmax.js';
export { type MaxPool2dOptions, maxPool2d } from './tensor/ops/nn/maxPool2d.js';
export { relu } from './tensor/ops/nn/relu.js';
export { relu6 } from './tensor/ops/nn/relu6.js';
export { sigmoid } from './tensor/ops/nn/sigmoid.js';
export { silu } from './tensor/ops/nn/silu.js';
export { softmax } from './tensor/ops/nn/softmax.js';
export { tanh } from './tensor/ops/nn/tanh.js';
export { type Upsample2dOptions, upsample2d } from './tensor/ops/nn/upsample2d.js';
export { concat } from './tensor/ops/shape/concat.js';
export { flatten } from './tensor/ops/shape/flatten.js';
export { type PadOptions, type PadSides, pad } from './tensor/ops/shape/pad.js';
export { permute } from './tensor/ops/shape/permute.js';
export { reshape } from './tensor/ops/shape/reshape.js';
export { slice } from './tensor/ops/shape/slice.js';
export { split } from './tensor/ops/shape/split.js';
export { squeeze, unsqueeze } from './tensor/ops/shape/squeeze.js';
export { stack } from './tensor/ops/shape/stack.js';
export { transpose } from './tensor/ops/shape/transpose.js';

// Layers

export type { StateDict, StateEntry } from './base/stateDict.js';
export type { Stateful } from './base/stateful.js';
export { AdaptiveAvgPool2d } from './layers/adaptiveAvgPool2d.js';
export { AdaptiveMaxPool2d } from './layers/adaptiveMaxPool2d.js';
export { AvgPool2d } from './layers/avgPool2d.js';
export { BatchNorm2d, type BatchNorm2dLayerOptions } from './layers/batchNorm2d.js';
export { Conv2d, type Conv2dLayerOptions } from './layers/conv2d.js';
export { ConvTranspose2d, type ConvTranspose2dLayerOptions } from './layers/convTranspose2d.js';
export { Dropout } from './layers/dropout.js';
export { Dropout2d } from './layers/dropout2d.js';
export { ELU } from './layers/elu.js';
export { Flatten } from './layers/flatten.js';
export type { ForwardHook, ForwardPreHook, HookHandle } from './layers/forwardHooks.js';
export { GELU, type GeluApproximation } from './layers/gelu.js';
export { GlobalAvgPool2d } from './layers/globalAvgPool2d.js';
export { GlobalMaxPool2d } from './layers/globalMaxPool2d.js';
export { GroupNorm, type GroupNormLayerOptions } from './layers/groupNorm.js';
export { HardSigmoid } from './layers/hardSigmoid.js';
export { HardSwish } from './layers/hardSwish.js';
export { Identity } from './layers/identity.js';
export * as init from './layers/init.js';
export { LayerNorm, type LayerNormLayerOptions } from './layers/layerNorm.js';
export { LeakyReLU } from './layers/leakyRelu.js';
export { Linear } from './layers/linear.js';
export { LocalResponseNorm, type LocalResponseNormLayerOptions } from './layers/localResponseNorm.js';
export { LogSoftmax } from './layers/logSoftmax.js';
export { MaxPool2d } from './layers/maxPool2d.js';
export { buffer, Module } from './layers/module.js';
export { ReflectionPad2d } from './layers/reflectionPad2d.js';
export { ReLU } from './layers/relu.js';
export { ReLU6 } from './layers/relu6.js';
export { ReplicationPad2d } from './layers/replicationPad2d.js';
export { Sequential } from './layers/sequential.js';
export { Sigmoid } from './layers/sigmoid.js';
export { SiLU } from './layers/silu.js';
export { Softmax } from './layers/softmax.js';
export { Tanh } from './layers/tanh.js';
export { Upsample } from './layers/upsample.js';
export { ZeroPad2d } from './layers/zeroPad2d.js';

// Models

export {
  type CreateModelOptions,
  createModel,
  type ModelEntry,
  type ModelName,
  type ModelOf,
  type ModelOptions,
  type OptionsOf,
} from './models/index.js';

// Optimizers and schedules

export { Adam, type AdamOptions } from './optim/adam.js';
export { AdamW } from './optim/adamw.js';
export { clipGradNorm } from './optim/clip.js';
export { cosineSchedule, type OneCycleOptions, oneCycleSchedule } from './optim/cyclicSchedules.js';
export {
  Optimizer,
  type OptimizerGroup,
  type OptimizerOptions,
  type OptimizerParameters,
  type ParameterGroup,
} from './optim/optimizer.js';
export type { OptimizerState } from './optim/optimizerState.js';
export { ReduceOnPlateau, type ReduceOnPlateauOptions, type ReduceOnPlateauState } from './optim/reduceOnPlateau.js';
export { RMSprop, type RMSpropOptions } from './optim/rmsprop.js';
export { type Schedule, warmup } from './optim/schedules.js';
export { SGD, type SGDOptions } from './optim/sgd.js';
export type { WeightAverage } from './optim/weightAverage.js';

// Data

export { parseCifar10, parseCifar100 } from './data/cifar10.js';
export {
  type Dataset,
  ImageDataset,
  type ImagePixels,
  type ImageShape,
  splitDataset,
  subset,
} from './data/dataset.js';
export { type Batch, DataLoader, type LoaderState } from './data/loader.js';
export type { DataLoaderOptions } from './data/loaderOptions.js';
export { measureMeanStd } from './data/meanStd.js';
export { type SyntheticOptions, synthetic } from './data/synthetic.js';
export {
  type MeanStd,
  randomCrop,
  randomHorizontalFlip,
  type Transform,
  type TransformSpec,
} from './data/transforms/index.js';

// Training

export type { Targets } from './base/targets.js';
export type { Metric } from './metrics/metric.js';
export type { TargetValues } from './metrics/targets.js';
export type { BatchSource, LabeledBatch } from './train/batches.js';
export { type BestWeights, bestWeights, type Callback, earlyStopping } from './train/callbacks.js';
export { type EvaluateOptions, type Evaluation, evaluate } from './train/evaluate.js';
export { type FitOptions, fit } from './train/fit.js';
export type { GradientRecord } from './train/gradientRecord.js';
export { type EndReason, type EpochRecord, History, type HistoryJson } from './train/history.js';
export type { Monitor } from './train/monitor.js';
export type { TrainingRun } from './train/run.js';
export type { TrainEvent } from './train/trainEvent.js';
export type { AnyOptimizer, Loss, TrainOptions } from './train/trainOptions.js';
export type { StepRecord } from './train/trainStep.js';

// Files in memory

export type { PickleValue } from './io/pickleValues.js';
export { readSafetensors, writeSafetensors } from './io/safetensors.js';
export type { CheckpointOptions } from './io/stateDictFromCheckpoint.js';
export { readTorchCheckpoint } from './io/torchCheckpoint.js';

// Looking inside

export type { GradcheckResult } from './debug/gradcheck.js';
export { type Summary, type SummaryOptions, type SummaryRow, summary } from './debug/summary.js';

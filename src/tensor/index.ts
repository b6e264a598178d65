// The public names of stridenet/tensor: tensors, tapes and every operation, with the engine below them.

export type { Pair } from '../base/check.js';
export {
  manualSeed,
  type RandomState,
  RandomStream,
  randomState,
  randomStream,
  restoreRandomState,
  type StreamState,
} from '../base/random.js';
export { formatShape, type Shape, sizeOf } from '../base/shape.js';
export type { KernelTable } from '../kernels/family.js';
export {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv2dOutputSize,
  convTranspose2dOutputSize,
  type Padding,
  type Pool2dOptions,
  pool2dOutputSize,
} from '../kernels/geometry.js';
export { type KernelInfo, kernelInfo, useKernels } from '../kernels/use.js';
export { type MemoryInfo, memoryInfo, resetPeak } from '../memory/memory.js';
export type { NdArray, NdArrayData, StridedArray } from './ndarray.js';
export {
  type BinaryCrossEntropyOptions,
  binaryCrossEntropyWithLogits,
} from './ops/loss/binaryCrossEntropyWithLogits.js';
export { type CrossEntropyOptions, crossEntropy } from './ops/loss/crossEntropy.js';
export { type HuberOptions, huberLoss } from './ops/loss/huberLoss.js';
export { l1Loss } from './ops/loss/l1Loss.js';
export type { Labels } from './ops/loss/labels.js';
export { type MarginLossOptions, marginLoss } from './ops/loss/marginLoss.js';
export { meanSquaredError } from './ops/loss/meanSquaredError.js';
export { type MulticlassHingeOptions, multiclassHinge } from './ops/loss/multiclassHinge.js';
export type { LossOptions, Reduction } from './ops/loss/reduceLoss.js';
export { abs } from './ops/math/abs.js';
export { add } from './ops/math/add.js';
export type { AffineOptions } from './ops/math/affine.js';
export { argmax } from './ops/math/argmax.js';
export { div } from './ops/math/div.js';
export { exp } from './ops/math/exp.js';
export { log } from './ops/math/log.js';
export { matmul } from './ops/math/matmul.js';
export { max, min } from './ops/math/max.js';
export { mean } from './ops/math/mean.js';
export { mul } from './ops/math/mul.js';
export { neg } from './ops/math/neg.js';
export { pow } from './ops/math/pow.js';
export { randn, uniform } from './ops/math/random.js';
export type { ReduceOptions } from './ops/math/reduction.js';
export { sqrt } from './ops/math/sqrt.js';
export { square } from './ops/math/square.js';
export { sub } from './ops/math/sub.js';
export { sum } from './ops/math/sum.js';
export { adaptiveAvgPool2d } from './ops/nn/adaptiveAvgPool2d.js';
export { adaptiveMaxPool2d } from './ops/nn/adaptiveMaxPool2d.js';
export { addRelu } from './ops/nn/addRelu.js';
export { avgPool2d } from './ops/nn/avgPool2d.js';
export { type BatchNorm2dOptions, batchNorm2d, batchNormRelu2d } from './ops/nn/batchNorm2d.js';
export { conv2d } from './ops/nn/conv2d.js';
export { convTranspose2d } from './ops/nn/convTranspose2d.js';
export { type DropoutOptions, dropout } from './ops/nn/dropout.js';
export { dropout2d } from './ops/nn/dropout2d.js';
export { elu } from './ops/nn/elu.js';
export { type GeluOptions, gelu } from './ops/nn/gelu.js';
export { globalAvgPool2d } from './ops/nn/globalAvgPool2d.js';
export { globalMaxPool2d } from './ops/nn/globalMaxPool2d.js';
export { groupNorm } from './ops/nn/groupNorm.js';
export { hardSigmoid } from './ops/nn/hardSigmoid.js';
export { hardSwish } from './ops/nn/hardSwish.js';
export { layerNorm } from './ops/nn/layerNorm.js';
export { leakyRelu } from './ops/nn/leakyRelu.js';
export { linear } from './ops/nn/linear.js';
export { type LocalResponseNormOptions, localResponseNorm } from './ops/nn/localResponseNorm.js';
export { logSoftmax } from './ops/nn/logSoftmax.js';
export { type MaxPool2dOptions, maxPool2d } from './ops/nn/maxPool2d.js';
export { relu } from './ops/nn/relu.js';
export { relu6 } from './ops/nn/relu6.js';
export { sigmoid } from './ops/nn/sigmoid.js';
export { silu } from './ops/nn/silu.js';
export { softmax } from './ops/nn/softmax.js';
export { stochasticDepth } from './ops/nn/stochasticDepth.js';
export { tanh } from './ops/nn/tanh.js';
export { type Upsample2dOptions, upsample2d } from './ops/nn/upsample2d.js';
export { concat } from './ops/shape/concat.js';
export { flatten } from './ops/shape/flatten.js';
export { type PadOptions, type PadSides, pad } from './ops/shape/pad.js';
export { permute } from './ops/shape/permute.js';
export { reshape } from './ops/shape/reshape.js';
export { slice } from './ops/shape/slice.js';
export { split } from './ops/shape/split.js';
export { squeeze, unsqueeze } from './ops/shape/squeeze.js';
export { stack } from './ops/shape/stack.js';
export { transpose } from './ops/shape/transpose.js';
export { view } from './ops/shape/view.js';
export { Parameter } from './parameter.js';
export { scope, withoutScope, withoutTape } from './scope.js';
export { type Backward, type GradientOptions, type Gradients, record, Tape, withTape } from './tape.js';
export { type ArrayOfRank, keep, type NestedArray, type NestedNumbers, Tensor } from './tensor.js';

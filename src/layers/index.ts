export type { StateDict, StateEntry } from '../base/stateDict.js';
export { AdaptiveAvgPool2d } from './adaptiveAvgPool2d.js';
export { AdaptiveMaxPool2d } from './adaptiveMaxPool2d.js';
export { AvgPool2d } from './avgPool2d.js';
export { BatchNorm2d, type BatchNorm2dLayerOptions } from './batchNorm2d.js';
export { Conv2d, type Conv2dLayerOptions } from './conv2d.js';
export { ConvTranspose2d, type ConvTranspose2dLayerOptions } from './convTranspose2d.js';
export { Dropout } from './dropout.js';
export { Dropout2d } from './dropout2d.js';
export { ELU } from './elu.js';
export { type FanMode, fans, type GainOptions, gain, type Nonlinearity } from './fans.js';
export { Flatten } from './flatten.js';
export { trainUnfrozen } from './frozen.js';
export { fuse } from './fuse.js';
export { GELU, type GeluApproximation } from './gelu.js';
export { GlobalAvgPool2d } from './globalAvgPool2d.js';
export { GlobalMaxPool2d } from './globalMaxPool2d.js';
export { GroupNorm, type GroupNormLayerOptions } from './groupNorm.js';
export { HardSigmoid } from './hardSigmoid.js';
export { HardSwish } from './hardSwish.js';
export { Identity } from './identity.js';
export {
  constant,
  dirac,
  type KaimingOptions,
  kaimingNormal,
  kaimingUniform,
  normal,
  orthogonal,
  type TruncatedNormalOptions,
  truncatedNormal,
  uniform,
  type XavierOptions,
  xavierNormal,
  xavierUniform,
} from './init.js';
export { LayerNorm, type LayerNormLayerOptions } from './layerNorm.js';
export { LeakyReLU } from './leakyRelu.js';
export { Linear } from './linear.js';
export { LocalResponseNorm, type LocalResponseNormLayerOptions } from './localResponseNorm.js';
export { LogSoftmax } from './logSoftmax.js';
export { MaxPool2d } from './maxPool2d.js';
export { buffer, Module } from './module.js';
export { ReflectionPad2d } from './reflectionPad2d.js';
export { ReLU } from './relu.js';
export { ReLU6 } from './relu6.js';
export { ReplicationPad2d } from './replicationPad2d.js';
export { Sequential } from './sequential.js';
export { Sigmoid } from './sigmoid.js';
export { SiLU } from './silu.js';
export { Softmax } from './softmax.js';
export { StochasticDepth } from './stochasticDepth.js';
export { Tanh } from './tanh.js';
export { Upsample } from './upsample.js';
export { withoutInit } from './withoutInit.js';
export { ZeroPad2d } from './zeroPad2d.js';

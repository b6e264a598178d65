import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { Conv2d, type Conv2dLayerOptions } from '../layers/conv2d.js';
import { Linear } from '../layers/linear.js';
import type { StateEntry } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';
import { reshape } from '../tensor/ops/reshape.js';
import type { Parameter } from '../tensor/parameter.js';
import type { Tensor } from '../tensor/tensor.js';
import { activation } from './activations.js';
import { type BuildLayer, image, type LayerWeights, only, type Part, type ValueInfo } from './buildLayer.js';
import type { LayerConfig } from './config.js';

/** Layers with weights. Their arrays are brought from Keras's order of axes into PyTorch's. */
export const weightedLayers: Readonly<Record<string, BuildLayer>> = {
  Conv2D: (layer, inputs, weights) => {
    const x = image(layer, inputs);
    const groups = layer.whole('groups', 1, 1);
    const filters = layer.whole('filters', null, 1);
    const kernel = weights.get('kernel', [...layer.pair('kernel_size', null), perGroup(layer, x, groups), filters]);
    const [height, width, inputsEach] = kernel.shape;
    const options = { ...convOptions(layer), groups, bias: layer.flag('use_bias', true) };
    const conv = new Conv2d(inputsEach * groups, filters, [height, width], options);
    conv.weight.data.set(outputsFirst(kernel));
    loadBias(conv, weights);
    return withActivation(layer, conv, { ...x, channels: filters });
  },
  DepthwiseConv2D: (layer, inputs, weights) => {
    const x = image(layer, inputs);
    const conv = depthwise(layer, x, weights, layer.flag('use_bias', true));
    loadBias(conv, weights);
    return withActivation(layer, conv, { ...x, channels: conv.outChannels });
  },
  SeparableConv2D: (layer, inputs, weights) => {
    const x = image(layer, inputs);
    const filters = layer.whole('filters', null, 1);
    const spatial = depthwise(layer, x, weights, false);
    const kernel = weights.get('pointwise_kernel', [1, 1, spatial.outChannels, filters]);
    const mixing = new Conv2d(spatial.outChannels, filters, 1, { bias: layer.flag('use_bias', true) });
    mixing.weight.data.set(outputsFirst(kernel));
    loadBias(mixing, weights);
    return withActivation(layer, new Sequential({ depthwise: spatial, pointwise: mixing }), {
      ...x,
      channels: filters,
    });
  },
  Dense: (layer, inputs, weights) => {
    const x = only(layer, inputs);
    const units = layer.whole('units', null, 1);
    const kernel = weights.get('kernel', [x.channels, units]);
    const bias = layer.flag('use_bias', true);
    const [features] = kernel.shape;
    // On the last axis of [N, H, W, C] a dense layer is a convolution of 1x1.
    const dense = x.rank === 4 ? new Conv2d(features, units, 1, { bias }) : new Linear(features, units, { bias });
    dense.weight.data.set(denseRows(layer, kernel, x.flatOf));
    loadBias(dense, weights);
    return withActivation(layer, dense, { rank: x.rank, channels: units, flatOf: null });
  },
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
};

function withActivation(layer: LayerConfig, module: Part['module'], info: ValueInfo): ReturnType<BuildLayer> {
  const after = activation(layer, info.rank === 4 ? 1 : -1);
  const parts: Part[] = [{ suffix: '', module }];
  if (after !== null) {
    const role = after.name === 'softmax' ? ('softmax' as const) : undefined;
    parts.push({ suffix: `_${after.name}`, module: after.module, role });
  }
  return { parts, info };
}

function convOptions(layer: LayerConfig): Conv2dLayerOptions {
  return {
    stride: layer.pair('strides', [1, 1]),
    dilation: layer.pair('dilation_rate', [1, 1]),
    padding: layer.padding(),
  };
}

function perGroup(layer: LayerConfig, { channels }: ValueInfo, groups: number): number | null {
  if (channels === null) return null;
  if (channels % groups !== 0) layer.refuse(`has groups ${groups}, which do not divide its ${channels} channels`);
  return channels / groups;
}

/** A convolution of each channel by itself: a kernel [H, W, C, M] as filters [C * M, 1, H, W]. */
function depthwise(layer: LayerConfig, x: ValueInfo, weights: LayerWeights, bias: boolean): Conv2d {
  // TensorFlow.js forgets to save the multiplier of a SeparableConv2D.
  const given = layer.options.depth_multiplier == null ? null : layer.whole('depth_multiplier', null, 1);
  const kernel = weights.get('depthwise_kernel', [...layer.pair('kernel_size', null), x.channels, given]);
  const [height, width, channels, multiplier] = kernel.shape;
  const options = { ...convOptions(layer), groups: channels, bias };
  const conv = new Conv2d(channels, channels * multiplier, [height, width], options);
  conv.weight.data.set(transposed(kernel.data, height * width, channels * multiplier));
  return conv;
}

/** [H, W, I, O] as [O, I, H, W]. */
function outputsFirst({ shape: [height, width, inputs, outputs], data }: StateEntry): Float32Array {
  const taps = height * width;
  const out = new Float32Array(data.length);
  let at = 0;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < taps; tap++) out[at++] = data[(tap * inputs + i) * outputs + o];
    }
  }
  return out;
}

/** [rows, columns] as [columns, rows]. */
function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  let at = 0;
  for (let c = 0; c < columns; c++) for (let r = 0; r < rows; r++) out[at++] = data[r * columns + c];
  return out;
}

/** [in, out] as [out, in]; after a flattened image with its rows in the order [C, H, W] instead of [H, W, C]. */
function denseRows(
  layer: LayerConfig,
  { shape: [rows, units], data }: StateEntry,
  flatOf: number | null,
): Float32Array {
  if (flatOf === null) return transposed(data, rows, units);
  if (rows % flatOf !== 0) layer.refuse(`has ${rows} rows, but gets images of ${flatOf} channels, flattened`);
  const pixels = rows / flatOf;
  const out = new Float32Array(data.length);
  let at = 0;
  for (let o = 0; o < units; o++) {
    for (let c = 0; c < flatOf; c++) {
      for (let p = 0; p < pixels; p++) out[at++] = data[(p * flatOf + c) * units + o];
    }
  }
  return out;
}

function loadBias({ bias }: { bias: Parameter | null }, weights: LayerWeights): void {
  bias?.data.set(weights.get('bias', [bias.size]).data);
}

/** Batch normalisation of vectors: of images of one pixel. */
class BatchNormOfVectors extends BatchNorm2d {
  override forward(x: Tensor): Tensor {
    return reshape(super.forward(reshape(x, [...x.shape, 1, 1])), x.shape);
  }
}

function batchNormalization(
  layer: LayerConfig,
  inputs: readonly ValueInfo[],
  weights: LayerWeights,
): ReturnType<BuildLayer> {
  const x = only(layer, inputs);
  const given = layer.options.axis ?? -1;
  const axis = Array.isArray(given) && given.length === 1 ? given[0] : given;
  if ((x.rank !== 4 && x.rank !== 2) || (axis !== -1 && axis !== x.rank - 1)) {
    layer.refuse(`normalises axis ${JSON.stringify(given)} of ${x.rank}; the last of images or vectors is read`);
  }
  const mean = weights.get('moving_mean', [x.channels]);
  const features = mean.data.length;
  const share = layer.needed('momentum', 0.99);
  const eps = layer.needed('epsilon', 1e-3);
  if (!(share >= 0 && share <= 1 && eps >= 0)) {
    layer.refuse(`has momentum ${share} and epsilon ${eps}; they must be from 0 to 1, and not negative`);
  }
  // Keras's momentum is the share of the past.
  const options = { eps, momentum: 1 - share };
  const norm = x.rank === 4 ? new BatchNorm2d(features, options) : new BatchNormOfVectors(features, options);
  norm.runningMean?.data.set(mean.data);
  norm.runningVar?.data.set(weights.get('moving_variance', [features]).data);
  // What the layer does not have stays 1 or 0 and is not trained.
  if (layer.flag('scale', true)) norm.weight?.data.set(weights.get('gamma', [features]).data);
  else if (norm.weight) norm.weight.requiresGrad = false;
  if (layer.flag('center', true)) norm.bias?.data.set(weights.get('beta', [features]).data);
  else if (norm.bias) norm.bias.requiresGrad = false;
  return { parts: [{ suffix: '', module: norm }], info: { ...x, channels: features } };
}

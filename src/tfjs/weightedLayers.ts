import type { StateEntry } from '../base/stateDict.js';
import { Conv2d, type Conv2dLayerOptions } from '../layers/conv2d.js';
import { Linear } from '../layers/linear.js';
import { Sequential } from '../layers/sequential.js';
import type { Parameter } from '../tensor/parameter.js';
import { withoutScope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { activation } from './activations.js';
import { channelsFirst, storedAxis } from './axes.js';
import {
  type BuildLayer,
  built,
  image,
  type LayerWeights,
  only,
  type Part,
  row,
  type ValueInfo,
} from './buildLayer.js';
import { type LayerConfig, quote } from './config.js';
import { normLayers } from './normLayers.js';
import { Conv1d, ConvTransposeOfKeras, PReLU } from './weightedModules.js';
import { outputsFirst, transposed } from './weightOrders.js';

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
    conv.weight.floatsToWrite.set(outputsFirst(kernel));
    loadBias(conv, weights);
    return withActivation(layer, conv, { ...x, channels: filters });
  },
  Conv1D: (layer, inputs, weights) => {
    const x = row(layer, inputs);
    const groups = layer.whole('groups', 1, 1);
    const filters = layer.whole('filters', null, 1);
    const kernel = weights.get('kernel', [layer.single('kernel_size', null), perGroup(layer, x, groups), filters]);
    const [length, inputsEach] = kernel.shape;
    const conv = new Conv1d(inputsEach * groups, filters, [length, 1], {
      stride: [layer.single('strides', 1), 1],
      dilation: [layer.single('dilation_rate', 1), 1],
      padding: rowPadding(layer, length),
      groups,
      bias: layer.flag('use_bias', true),
    });
    conv.weight.floatsToWrite.set(outputsFirst({ ...kernel, shape: [length, 1, inputsEach, filters] }));
    loadBias(conv, weights);
    return withActivation(layer, conv, { ...x, channels: filters });
  },
  Conv2DTranspose: (layer, inputs, weights) => {
    const x = image(layer, inputs);
    const filters = layer.whole('filters', null, 1);
    const kernelSize = layer.pair('kernel_size', null);
    if (layer.options.output_padding != null) {
      layer.refuse(`has output_padding ${quote(layer.options.output_padding)}, but none is read`);
    }
    const kernel = weights.get('kernel', [...kernelSize, filters, x.channels]);
    const options = { ...convOptions(layer), bias: layer.flag('use_bias', true) };
    const conv = new ConvTransposeOfKeras(kernel.shape[3], filters, kernelSize, options);
    conv.weight.floatsToWrite.set(outputsFirst(kernel));
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
    mixing.weight.floatsToWrite.set(outputsFirst(kernel));
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
    // On the last axis of [N, ..., C] a dense layer is a convolution of 1x1.
    const Convolution = x.rank === 4 ? Conv2d : Conv1d;
    const dense = x.rank > 2 ? new Convolution(features, units, 1, { bias }) : new Linear(features, units, { bias });
    dense.weight.floatsToWrite.set(denseRows(layer, kernel, x.flatOf));
    loadBias(dense, weights);
    return withActivation(layer, dense, { rank: x.rank, channels: units, flatOf: null });
  },
  ...normLayers,
  PReLU: (layer, inputs, weights) => {
    const x = only(layer, inputs);
    const alpha = weights.get('alpha', new Array(x.rank - 1).fill(null));
    const order = alpha.shape.map((_, i) => storedAxis(i + 1, x.rank) - 1);
    const shape = new Array<number>(order.length);
    for (const [i, place] of order.entries()) shape[place] = alpha.shape[i];
    const stored = withoutScope(() => channelsFirst(Tensor.from(alpha.data, [1, ...alpha.shape])));
    const slopes = Float32Array.from(stored.data);
    stored.dispose();
    return built(new PReLU(slopes, shape), x);
  },
};

function withActivation(layer: LayerConfig, module: Part['module'], info: ValueInfo): ReturnType<BuildLayer> {
  const after = activation(layer, storedAxis(-1, info.rank));
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

/** The padding of rows of pixels; 'causal' is as long as the filter reaches, and before the row alone. */
function rowPadding(layer: LayerConfig, length: number): Conv2dLayerOptions['padding'] {
  if (layer.options.padding !== 'causal') return layer.padding();
  return [(length - 1) * layer.single('dilation_rate', 1), 0, 0, 0];
}

function perGroup(layer: LayerConfig, { channels }: ValueInfo, groups: number): number | null {
  if (channels === null) return null;
  if (channels % groups !== 0) layer.refuse(`has groups ${groups}, which do not divide its ${channels} channels`);
  return channels / groups;
}

/** A convolution of each channel by itself: a kernel [H, W, C, M] as filters [C * M, 1, H, W]. */
function depthwise(layer: LayerConfig, x: ValueInfo, weights: LayerWeights, bias: boolean): Conv2d {
  // Keras 3 calls that of a DepthwiseConv2D as that of any other.
  const names = ['depthwise_kernel', 'kernel'];
  // TensorFlow.js forgets to save the multiplier of a SeparableConv2D.
  const given = layer.options.depth_multiplier == null ? null : layer.whole('depth_multiplier', null, 1);
  const kernel = weights.get(names, [...layer.pair('kernel_size', null), x.channels, given]);
  const [height, width, channels, multiplier] = kernel.shape;
  const options = { ...convOptions(layer), groups: channels, bias };
  const conv = new Conv2d(channels, channels * multiplier, [height, width], options);
  conv.weight.floatsToWrite.set(transposed(kernel.data, height * width, channels * multiplier));
  return conv;
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
  bias?.floatsToWrite.set(weights.get('bias', [bias.size]).data);
}

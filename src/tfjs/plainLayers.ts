import { AdaptiveAvgPool2d } from '../layers/adaptiveAvgPool2d.js';
import { AdaptiveMaxPool2d } from '../layers/adaptiveMaxPool2d.js';
import { AvgPool2d } from '../layers/avgPool2d.js';
import { Dropout } from '../layers/dropout.js';
import { Dropout2d } from '../layers/dropout2d.js';
import { ELU } from '../layers/elu.js';
import { Flatten } from '../layers/flatten.js';
import { GlobalAvgPool2d } from '../layers/globalAvgPool2d.js';
import { GlobalMaxPool2d } from '../layers/globalMaxPool2d.js';
import { Identity } from '../layers/identity.js';
import { LeakyReLU } from '../layers/leakyRelu.js';
import { MaxPool2d } from '../layers/maxPool2d.js';
import type { Module } from '../layers/module.js';
import { Softmax } from '../layers/softmax.js';
import { ZeroPad2d } from '../layers/zeroPad2d.js';
import { activation, rectifier } from './activations.js';
import { type BuildLayer, type Built, image, only, type Part, type ValueInfo } from './buildLayer.js';
import { isWhole, type LayerConfig, quote } from './config.js';
import { ChannelsLastReshape, SamePool2d } from './shapes.js';

/** Layers of one input without weights. */
export const plainLayers: Readonly<Record<string, BuildLayer>> = {
  Activation: (layer, inputs) => {
    const x = only(layer, inputs);
    const found = activation(layer, classAxis(x));
    if (found === null) return built(new Identity(), x, 'shape');
    return built(found.module, x, found.name === 'softmax' ? 'softmax' : undefined);
  },
  ReLU: (layer, inputs) => built(rectifier(layer), only(layer, inputs)),
  LeakyReLU: (layer, inputs) => built(new LeakyReLU(layer.needed('alpha', 0.3)), only(layer, inputs)),
  ELU: (layer, inputs) => built(new ELU(layer.needed('alpha', 1)), only(layer, inputs)),
  Softmax: (layer, inputs) => {
    const x = only(layer, inputs);
    const axis = layer.options.axis ?? -1;
    if (axis !== -1 && axis !== x.rank - 1) layer.refuse(`has axis ${quote(axis)}, but the last is read`);
    return built(new Softmax(classAxis(x)), x, 'softmax');
  },
  ZeroPadding2D: (layer, inputs) => built(new ZeroPad2d(sides(layer)), image(layer, inputs)),
  MaxPooling2D: (layer, inputs) => pooling(layer, inputs, 'max'),
  AveragePooling2D: (layer, inputs) => pooling(layer, inputs, 'average'),
  GlobalAveragePooling2D: (layer, inputs) => {
    const x = image(layer, inputs);
    return layer.flag('keepdims', false)
      ? built(new AdaptiveAvgPool2d(1), x)
      : built(new GlobalAvgPool2d(), { ...x, rank: 2 });
  },
  GlobalMaxPooling2D: (layer, inputs) => {
    const x = image(layer, inputs);
    return layer.flag('keepdims', false)
      ? built(new AdaptiveMaxPool2d(1), x)
      : built(new GlobalMaxPool2d(), { ...x, rank: 2 });
  },
  Flatten: (layer, inputs) => {
    layer.expectChannelsLast();
    return flattened(layer, only(layer, inputs));
  },
  Reshape: (layer, inputs) => {
    const x = only(layer, inputs);
    const given = layer.options.target_shape;
    const target = Array.isArray(given) ? given.map((n) => n ?? -1) : [];
    if (target.length === 0 || target.length > 8 || !target.every((n) => n === -1 || isWhole(n, 1))) {
      layer.refuse(`has the target_shape ${quote(given)}, which must be a list of whole numbers >= 1`);
    }
    if (target.filter((n) => n === -1).length > 1)
      layer.refuse(`has the target_shape ${quote(given)}, with two unknowns`);
    // To one axis: whatever its size says, so that a head for other classes can stand before it.
    if (target.length === 1) return flattened(layer, x);
    const last = target[target.length - 1];
    const info = { rank: target.length + 1, channels: last > 0 ? last : null, flatOf: null };
    return built(new ChannelsLastReshape(target), info, 'shape');
  },
  Dropout: (layer, inputs) => built(new Dropout(rate(layer)), only(layer, inputs), 'shape'),
  SpatialDropout2D: (layer, inputs) => built(new Dropout2d(rate(layer)), image(layer, inputs), 'shape'),
};

function built(module: Module, info: ValueInfo, role?: Part['role']): Built {
  return { parts: [{ suffix: '', module, role }], info };
}

function classAxis({ rank }: ValueInfo): number {
  return rank === 4 ? 1 : -1;
}

/** Images are flattened as they are stored; what follows knows of it. */
function flattened(layer: LayerConfig, x: ValueInfo): Built {
  if (x.rank === 4) {
    if (x.channels === null) layer.refuse('flattens images of an unknown number of channels');
    return built(new Flatten(), { rank: 2, channels: null, flatOf: x.channels }, 'shape');
  }
  if (x.rank === 2) return built(new Identity(), x, 'shape');
  return built(new Flatten(), { rank: 2, channels: null, flatOf: null }, 'shape');
}

function rate(layer: LayerConfig): number {
  const value = layer.needed('rate', null);
  return value >= 0 && value <= 1 ? value : layer.refuse(`has rate ${value}, which must be from 0 to 1`);
}

function pooling(layer: LayerConfig, inputs: readonly ValueInfo[], kind: 'max' | 'average'): Built {
  const x = image(layer, inputs);
  const kernelSize = layer.pair('pool_size', [2, 2]);
  const stride = layer.options.strides == null ? kernelSize : layer.pair('strides', null);
  if (layer.padding() === 'same') return built(new SamePool2d(kind, kernelSize, stride), x);
  return built(kind === 'max' ? new MaxPool2d(kernelSize, { stride }) : new AvgPool2d(kernelSize, { stride }), x);
}

/** One number, [height, width], or [[top, bottom], [left, right]], as [top, right, bottom, left]. */
function sides(layer: LayerConfig): [number, number, number, number] {
  const given = layer.options.padding ?? 1;
  const axes = Array.isArray(given) ? given : [given, given];
  const ends = axes.map((axis) => (Array.isArray(axis) ? axis : [axis, axis]));
  // A border as wide as a million pixels is damage.
  const fits = ends.length === 2 && ends.every((e) => e.length === 2 && e.every((n) => isWhole(n, 0) && n <= 2 ** 20));
  if (!fits) layer.refuse(`has the padding ${quote(given)}, which must be [[top, bottom], [left, right]]`);
  const [[top, bottom], [left, right]] = ends;
  return [top, right, bottom, left];
}

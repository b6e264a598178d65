import { Dropout } from '../layers/dropout.js';
import { Dropout2d } from '../layers/dropout2d.js';
import { ELU } from '../layers/elu.js';
import { Flatten } from '../layers/flatten.js';
import { Identity } from '../layers/identity.js';
import { LeakyReLU } from '../layers/leakyRelu.js';
import { Softmax } from '../layers/softmax.js';
import { stack } from '../tensor/ops/shape/stack.js';
import { activation, Elementwise, rectifier, thresholded } from './activations.js';
import { storedAxis } from './axes.js';
import { type BuildLayer, type Built, built, image, only, row, type ValueInfo } from './buildLayer.js';
import { isWhole, type LayerConfig, quote } from './config.js';
import { Noise, type NoiseKind } from './noise.js';
import { expectRoom } from './room.js';
import { ChannelsLastPermute, ChannelsLastReshape, OnRows } from './shapes.js';

/** Layers of one input without weights, on values of any number of axes. */
export const plainLayers: Readonly<Record<string, BuildLayer>> = {
  Activation: (layer, inputs) => {
    const x = only(layer, inputs);
    const found = activation(layer, storedAxis(-1, x.rank));
    if (found === null) return built(new Identity(), x, 'shape');
    return built(found.module, x, found.name === 'softmax' ? 'softmax' : undefined);
  },
  ReLU: (layer, inputs) => built(rectifier(layer), only(layer, inputs)),
  LeakyReLU: (layer, inputs) => {
    // Keras 3 has another name for it.
    const slope = layer.number('negative_slope', null) ?? layer.needed('alpha', 0.3);
    return built(new LeakyReLU(slope), only(layer, inputs));
  },
  ELU: (layer, inputs) => built(new ELU(layer.needed('alpha', 1)), only(layer, inputs)),
  ThresholdedReLU: (layer, inputs) => built(thresholded(layer.needed('theta', 1)), only(layer, inputs)),
  Softmax: (layer, inputs) => {
    const x = only(layer, inputs);
    const given = layer.options.axis ?? -1;
    const one = Array.isArray(given) && given.length === 1 ? given[0] : given;
    if (!Number.isInteger(one) || one < -x.rank || one >= x.rank || storedAxis(one, x.rank) === 0) {
      layer.refuse(`has axis ${quote(given)}, which must be one of ${x.rank} but the batch`);
    }
    return built(new Softmax(storedAxis(one, x.rank)), x, 'softmax');
  },
  Flatten: (layer, inputs) => {
    layer.expectChannelsLast();
    return flattened(only(layer, inputs));
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
    if (target.length === 1) return flattened(x);
    const last = target[target.length - 1];
    const info = { rank: target.length + 1, channels: last > 0 ? last : null, flatOf: null };
    return built(new ChannelsLastReshape(target), info, 'shape');
  },
  Permute: (layer, inputs) => {
    const x = only(layer, inputs);
    const { dims } = layer.options;
    const sorted = Array.isArray(dims) ? [...dims].sort((a, b) => a - b) : [];
    if (sorted.length !== x.rank - 1 || !sorted.every((axis, i) => axis === i + 1)) {
      layer.refuse(`has the dims ${quote(dims)}, which must be the numbers from 1 to ${x.rank - 1} in some order`);
    }
    const order = dims as number[];
    const channels = order[x.rank - 2] === x.rank - 1 ? x.channels : null;
    return built(new ChannelsLastPermute(order), { ...x, channels });
  },
  RepeatVector: (layer, inputs) => {
    const x = only(layer, inputs);
    if (x.rank !== 2) layer.refuse(`repeats a value of ${x.rank} axes, but takes vectors`);
    const times = layer.whole('n', null, 1);
    const repeat = new Elementwise(`repeat ${times} times`, (v) => {
      expectRoom(layer.title, [...v.shape, times]);
      return stack(new Array(times).fill(v), 2);
    });
    return built(repeat, { ...x, rank: 3, flatOf: null });
  },
  Dropout: (layer, inputs) => built(new Dropout(rate(layer)), only(layer, inputs), 'shape'),
  SpatialDropout1D: (layer, inputs) => built(new OnRows(new Dropout2d(rate(layer))), row(layer, inputs), 'shape'),
  SpatialDropout2D: (layer, inputs) => built(new Dropout2d(rate(layer)), image(layer, inputs), 'shape'),
  GaussianNoise: noise('gaussian noise', 'stddev'),
  GaussianDropout: noise('gaussian dropout', 'rate'),
  AlphaDropout: noise('alpha dropout', 'rate'),
  ActivityRegularization: (layer, inputs) => built(new Identity(), only(layer, inputs), 'shape'),
};

function noise(kind: NoiseKind, option: string): BuildLayer {
  return (layer, inputs) => built(new Noise(kind, layer.needed(option, null)), only(layer, inputs), 'shape');
}

/** Values are flattened as they are stored; what follows knows of it. */
function flattened(x: ValueInfo): Built {
  if (x.rank === 2) return built(new Identity(), x, 'shape');
  const none = { rank: 2, channels: null, flatOf: null };
  if (x.channels === null) return built(new ChannelsLastReshape([-1]), none, 'shape');
  return built(new Flatten(), { ...none, flatOf: x.channels }, 'shape');
}

function rate(layer: LayerConfig): number {
  const value = layer.needed('rate', null);
  return value >= 0 && value <= 1 ? value : layer.refuse(`has rate ${value}, which must be from 0 to 1`);
}

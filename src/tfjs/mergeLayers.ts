import { add } from '../tensor/ops/math/add.js';
import { div } from '../tensor/ops/math/div.js';
import { mul } from '../tensor/ops/math/mul.js';
import { sqrt } from '../tensor/ops/math/sqrt.js';
import { square } from '../tensor/ops/math/square.js';
import { sub } from '../tensor/ops/math/sub.js';
import { sum } from '../tensor/ops/math/sum.js';
import { concat } from '../tensor/ops/shape/concat.js';
import type { Tensor } from '../tensor/tensor.js';
import { storedAxis } from './axes.js';
import type { BuildLayer, ValueInfo } from './buildLayer.js';
import type { LayerConfig } from './config.js';
import { clip, maximum, minimum } from './pointwise.js';

/** Layers of several inputs. */
export const mergeLayers: Readonly<Record<string, BuildLayer>> = {
  Add: each((inputs) => inputs.reduce((a, b) => add(a, b))),
  Multiply: each((inputs) => inputs.reduce((a, b) => mul(a, b))),
  Subtract: (layer, inputs, weights) => {
    if (inputs.length !== 2) layer.refuse(`gets ${inputs.length} inputs, but takes two`);
    return each(([a, b]) => sub(a, b))(layer, inputs, weights);
  },
  Average: each((inputs) =>
    mul(
      inputs.reduce((a, b) => add(a, b)),
      1 / inputs.length,
    ),
  ),
  Maximum: each((inputs) => inputs.reduce((a, b) => maximum(a, b))),
  Minimum: each((inputs) => inputs.reduce((a, b) => minimum(a, b))),
  Dot: (layer, inputs) => {
    const { rank } = expectAlike(layer, inputs);
    const axes = [layer.options.axes ?? -1].flat();
    if (inputs.length !== 2 || rank !== 2 || !axes.every((axis) => axis === 1 || axis === -1)) {
      layer.refuse(
        `joins ${inputs.length} values of ${rank} axes along ${JSON.stringify(layer.options.axes)}; two vectors are read`,
      );
    }
    const normalizes = layer.flag('normalize', false);
    const product = (a: Tensor, b: Tensor): Tensor => sum(mul(a, b), 1, { keepDims: true });
    const merge = ([a, b]: readonly Tensor[]): Tensor =>
      normalizes ? div(product(a, b), mul(norm(a), norm(b))) : product(a, b);
    return { parts: [], merge, info: { rank, channels: 1, flatOf: null } };
  },
  Concatenate: (layer, inputs) => {
    const { rank } = expectAlike(layer, inputs);
    const given = layer.needed('axis', -1);
    const axis = given < 0 ? given + rank : given;
    if (!Number.isInteger(axis) || axis < 1 || axis >= rank) {
      layer.refuse(`has axis ${given}, which must be one of ${rank} but the batch`);
    }
    const last = axis === rank - 1;
    const along = storedAxis(axis, rank);
    const sum = inputs.reduce<number | null>(
      (n, { channels }) => (n === null || channels === null ? null : n + channels),
      0,
    );
    return {
      parts: [],
      merge: (tensors) => concat(tensors, along),
      info: { rank, channels: last ? sum : commonChannels(inputs), flatOf: null },
    };
  },
};

/** The length of each vector; that of zeros is tiny, as Keras has it. */
function norm(x: Tensor): Tensor {
  return sqrt(clip(sum(square(x), 1, { keepDims: true }), 1e-12, Number.MAX_VALUE));
}

function each(compute: (inputs: readonly Tensor[]) => Tensor): BuildLayer {
  return (layer, inputs) => {
    const { rank, flatOf } = expectAlike(layer, inputs);
    return { parts: [], merge: compute, info: { rank, channels: commonChannels(inputs), flatOf } };
  };
}

/** The inputs broadcast: the largest number of channels is the result's. */
function commonChannels(inputs: readonly ValueInfo[]): number | null {
  return inputs.reduce<number | null>(
    (n, { channels }) => (n === null || channels === null ? null : Math.max(n, channels)),
    0,
  );
}

function expectAlike(layer: LayerConfig, inputs: readonly ValueInfo[]): ValueInfo {
  const ranks = inputs.map(({ rank }) => rank);
  if (ranks.some((rank) => rank !== ranks[0])) {
    layer.refuse(`joins values of ${ranks.join(' and ')} axes, but those of equally many are read`);
  }
  return inputs[0];
}

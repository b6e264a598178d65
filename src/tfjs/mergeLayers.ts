import { add } from '../tensor/ops/add.js';
import { concat } from '../tensor/ops/concat.js';
import { mul } from '../tensor/ops/mul.js';
import { sub } from '../tensor/ops/sub.js';
import type { Tensor } from '../tensor/tensor.js';
import type { BuildLayer, ValueInfo } from './buildLayer.js';
import type { LayerConfig } from './config.js';

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
  Concatenate: (layer, inputs) => {
    const { rank } = expectAlike(layer, inputs);
    const given = layer.needed('axis', -1);
    const axis = given < 0 ? given + rank : given;
    if (!Number.isInteger(axis) || axis < 1 || axis >= rank) {
      layer.refuse(`has axis ${given}, which must be one of ${rank} but the batch`);
    }
    const last = axis === rank - 1;
    // Images: Keras's height, width and channels are axes 1, 2 and 3, here 2, 3 and 1.
    const along = rank !== 4 ? axis : last ? 1 : axis + 1;
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

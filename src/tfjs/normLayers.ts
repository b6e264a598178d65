import { BatchNorm2d } from '../layers/batchNorm2d.js';
import { LayerNorm } from '../layers/layerNorm.js';
import { permute } from '../tensor/ops/shape/permute.js';
import type { Tensor } from '../tensor/tensor.js';
import { asImages, channelsFirst, channelsLast, storedAxis } from './axes.js';
import { type BuildLayer, built, type LayerWeights, only, type ValueInfo } from './buildLayer.js';
import type { LayerConfig } from './config.js';

/** Layers that normalize, with scales and shifts of their own. */
export const normLayers: Readonly<Record<string, BuildLayer>> = {
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  LayerNormalization: layerNormalization,
};

/** Batch normalization of vectors, rows and volumes [N, C, ...]: of images of as many pixels. */
class BatchNormOfAny extends BatchNorm2d {
  override forward(x: Tensor): Tensor {
    return asImages(x, (images) => super.forward(images));
  }
}

/** Layer normalization of images over some of Keras's axes, which need not lie last here. */
class LayerNormOfAxes extends LayerNorm {
  readonly #axes: readonly number[];

  constructor(sizes: readonly number[], axes: readonly number[], eps: number) {
    super(sizes, { eps });
    this.#axes = axes;
  }

  override forward(x: Tensor): Tensor {
    const rank = x.shape.length;
    const kept = x.shape.map((_, i) => i).filter((axis) => !this.#axes.includes(axis));
    if (rank > 2 && kept.length === rank - 1 && this.#axes[0] === 1)
      return channelsFirst(super.forward(channelsLast(x)));
    const order = [...kept, ...this.#axes];
    const back = order.map((_, axis) => order.indexOf(axis));
    return permute(super.forward(permute(x, order)), back);
  }
}

function layerNormalization(
  layer: LayerConfig,
  inputs: readonly ValueInfo[],
  weights: LayerWeights,
): ReturnType<BuildLayer> {
  const x = only(layer, inputs);
  const given = [layer.options.axis ?? -1].flat() as number[];
  const axes = given.map((axis) => (Number.isInteger(axis) && axis < 0 ? axis + x.rank : axis));
  const increasing = axes.every((axis, i) => Number.isInteger(axis) && axis < x.rank && axis > (axes[i - 1] ?? 0));
  if (axes.length === 0 || !increasing) {
    layer.refuse(
      `normalizes axis ${JSON.stringify(layer.options.axis)} of ${x.rank}, but needs some in their order, without the batch`,
    );
  }
  const eps = layer.needed('epsilon', 1e-3);
  if (eps < 0) layer.refuse(`has epsilon ${eps}, which must not be negative`);
  const [scales, shifts] = [layer.flag('scale', true), layer.flag('center', true)];
  if (!scales && !shifts) layer.refuse('has neither scale nor center; one of them is needed here');
  const any = new Array<null>(axes.length).fill(null);
  const gamma = scales ? weights.get('gamma', any) : null;
  const beta = shifts ? weights.get('beta', gamma?.shape ?? any) : null;
  const norm = new LayerNormOfAxes(
    (gamma ?? beta)?.shape ?? [],
    axes.map((axis) => storedAxis(axis, x.rank)),
    eps,
  );
  // What the layer does not have stays 1 or 0 and is not trained.
  if (gamma !== null) norm.weight?.floatsToWrite.set(gamma.data);
  else if (norm.weight) norm.weight.requiresGrad = false;
  if (beta !== null) norm.bias?.floatsToWrite.set(beta.data);
  else if (norm.bias) norm.bias.requiresGrad = false;
  return built(norm, x);
}

function batchNormalization(
  layer: LayerConfig,
  inputs: readonly ValueInfo[],
  weights: LayerWeights,
): ReturnType<BuildLayer> {
  const x = only(layer, inputs);
  const given = layer.options.axis ?? -1;
  const axis = Array.isArray(given) && given.length === 1 ? given[0] : given;
  if (axis !== -1 && axis !== x.rank - 1) {
    layer.refuse(`normalizes axis ${JSON.stringify(given)} of ${x.rank}; the last is read`);
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
  const norm = x.rank === 4 ? new BatchNorm2d(features, options) : new BatchNormOfAny(features, options);
  norm.runningMean?.floatsToWrite.set(mean.data);
  norm.runningVar?.floatsToWrite.set(weights.get('moving_variance', [features]).data);
  // What the layer does not have stays 1 or 0 and is not trained.
  if (layer.flag('scale', true)) norm.weight?.floatsToWrite.set(weights.get('gamma', [features]).data);
  else if (norm.weight) norm.weight.requiresGrad = false;
  if (layer.flag('center', true)) norm.bias?.floatsToWrite.set(weights.get('beta', [features]).data);
  else if (norm.bias) norm.bias.requiresGrad = false;
  return built(norm, { ...x, channels: features });
}

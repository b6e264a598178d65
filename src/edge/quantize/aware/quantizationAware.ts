import { checkOptions } from '../../../base/checkOptions.js';
import { ArgumentError } from '../../../base/errors.js';
import { Conv2d, Linear, type Module } from '../../../layers/index.js';
import { conv2d } from '../../../tensor/ops/nn/conv2d.js';
import { linear } from '../../../tensor/ops/nn/linear.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { quantizationOf } from '../integers/quantizations.js';
import { mostOf } from '../integers/weights.js';
import { fakeQuantize } from './fakeQuantize.js';

/** Options of `quantizationAware`. */
export interface QuantizationAwareOptions {
  /** Bits of a weight. Default 8. */
  weightBits?: 7 | 8 | undefined;
  /** Bits of an activation. Default 8. */
  activationBits?: 7 | 8 | undefined;
  /** Each output channel of a layer has a scale of its own. Default true. */
  perChannel?: boolean | undefined;
  /** How much a batch moves the range of an activation, above 0 and at most 1. Default 0.1. */
  momentum?: number | undefined;
}

/** A model whose layers round as integers do: what `quantizationAware` returns. */
export interface QuantizationAware {
  /** The names of the layers. */
  readonly layers: readonly string[];
  /** Lets the layers compute in float32 again, with the weights that training found. */
  remove(): void;
}

/**
 * Lets the convolutions and linear layers of a model round their inputs and weights as 8-bit integers would, so that ordinary training with `fit`
 * learns weights that don't mind. Ranges of activations follow the batches. Names, parameters and optimizers stay as they are.
 *
 * Call `remove()` after training, then `quantize`.
 *
 * Throws `ArgumentError` for options out of range, and for a model without such layers.
 *
 * Source: Jacob et al. 2017 (arXiv:1712.05877), section 3.
 *
 * @example
 * const aware = quantizationAware(model, { weightBits: 7, activationBits: 7 });
 * await fit(model, { train, optimizer, epochs: 3 });
 * aware.remove();
 * const quantized = await quantize(model, { inputShape, calibration, weightBits: 7, activationBits: 7 });
 */
export function quantizationAware(model: Module, options: QuantizationAwareOptions = {}): QuantizationAware {
  checkOptions('quantizationAware', options, ['weightBits', 'activationBits', 'perChannel', 'momentum']);
  const { weightBits = 8, activationBits = 8, perChannel = true, momentum = 0.1 } = options;
  for (const [name, bits] of Object.entries({ weightBits, activationBits })) {
    if (bits !== 7 && bits !== 8)
      throw new ArgumentError(`quantizationAware: ${name} is ${String(bits)}, but must be 7 or 8.`);
  }
  if (!(momentum > 0 && momentum <= 1)) {
    throw new ArgumentError(`quantizationAware: momentum is ${String(momentum)}, but must be above 0 and at most 1.`);
  }
  const layers = [...model.namedModules()].filter(([, module]) => module instanceof Conv2d || module instanceof Linear);
  if (layers.length === 0) throw new ArgumentError(`quantizationAware: the model has no convolution or linear layer.`);
  const settings = { weightBits, activationBits, perChannel, momentum };
  for (const [, layer] of layers) round(layer as Conv2d | Linear, settings);
  return {
    layers: layers.map(([name]) => name),
    // Without a field of its own, the layer has the forward of its class.
    remove: () => {
      for (const [, layer] of layers) Reflect.deleteProperty(layer, 'forward');
    },
  };
}

function round(
  layer: Conv2d | Linear,
  settings: Required<{ [K in keyof QuantizationAwareOptions]: NonNullable<QuantizationAwareOptions[K]> }>,
): void {
  const { weightBits, perChannel, momentum } = settings;
  const narrow = settings.activationBits === 7;
  const most = mostOf(weightBits);
  const range = { min: 0, max: 0, isKnown: false };
  const observe = (values: Float32Array): void => {
    let [min, max] = [0, 0];
    for (const v of values) {
      if (v < min) min = v;
      if (v > max) max = v;
    }
    const part = range.isKnown ? momentum : 1;
    range.min += part * (min - range.min);
    range.max += part * (max - range.max);
    range.isKnown = true;
  };
  const roundInput = (x: Tensor): Tensor =>
    fakeQuantize(
      x,
      1,
      (values) => {
        if (layer.training || !range.isKnown) observe(values);
        return quantizationOf(range, narrow);
      },
      narrow ? 0 : -128,
      127,
    );
  const roundWeight = (w: Tensor): Tensor => {
    const scaleOf = (values: Float32Array) => {
      const largest = values.reduce((far, v) => Math.max(far, Math.abs(v)), 0);
      return { scale: largest / most || 1, zero: 0 };
    };
    return fakeQuantize(w, perChannel ? (w.shape[0] as number) : 1, scaleOf, -most, most);
  };
  const forward =
    layer instanceof Conv2d
      ? (x: Tensor) => conv2d(roundInput(x), roundWeight(layer.weight), layer.bias, layer.options)
      : (x: Tensor) => linear(roundInput(x), roundWeight(layer.weight), layer.bias);
  Object.assign(layer, { forward });
}

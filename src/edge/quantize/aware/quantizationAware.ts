import { checkOptions } from '../../../base/checkOptions.js';
import { ArgumentError } from '../../../base/errors.js';
import { Conv2d, Linear, type Module } from '../../../layers/index.js';
import { conv2d } from '../../../tensor/ops/nn/conv2d.js';
import { linear } from '../../../tensor/ops/nn/linear.js';
import { scope, withoutTape } from '../../../tensor/scope.js';
import type { Tensor } from '../../../tensor/tensor.js';
import type { FoundRange } from '../calibrate/ranges.js';
import { type LayerRounding, learnedRounding, runningRounding } from './layerRounding.js';

/** Options of `quantizationAware`. */
export interface QuantizationAwareOptions {
  /** Bits of a weight. Default 8. */
  weightBits?: 7 | 8 | undefined;
  /** Bits of an activation. Default 8. */
  activationBits?: 7 | 8 | undefined;
  /** Each output channel of a layer has a scale of its own. Default true. */
  perChannel?: boolean | undefined;
  /**
   * 'running': ranges of activations follow the batches. 'learned': steps of activations and weights are parameters that are trained with the others
   * (make the optimizer afterwards). Default 'running'.
   */
  ranges?: 'running' | 'learned' | undefined;
  /** How much a batch moves the range of an activation, above 0 and at most 1, for 'running'. Default 0.1. */
  momentum?: number | undefined;
}

/** A model whose layers round as integers do: what `quantizationAware` returns. */
export interface QuantizationAware {
  /** The names of the layers. */
  readonly layers: readonly string[];
  /** The range of each layer's input, by its name, as training found it: for the option `inputRanges` of `quantize`. */
  readonly inputRanges: ReadonlyMap<string, { readonly min: number; readonly max: number }>;
  /** Lets the layers compute in float32 again, with the weights that training found: those that steps were learned for are rounded to them. */
  remove(): void;
}

/**
 * Lets the convolutions and linear layers of a model round their inputs and weights as 8-bit integers would, so that ordinary training with `fit`
 * learns weights that don't mind. Ranges of activations follow the batches, or are learned. Unless they are, names and parameters stay as they are.
 *
 * Call `remove()` after training, then `quantize` with `inputRanges`.
 *
 * Throws `ArgumentError` for options out of range, and for a model without such layers.
 *
 * Source: Jacob et al. 2017 (arXiv:1712.05877), section 3; learned steps: Esser et al. 2020 (arXiv:1902.08153).
 *
 * @example
 * const aware = quantizationAware(model, { weightBits: 7, activationBits: 7 });
 * await fit(model, { train, optimizer, epochs: 3 });
 * aware.remove();
 * const { inputRanges } = aware;
 * const quantized = await quantize(model, { inputShape, calibration, inputRanges, weightBits: 7, activationBits: 7 });
 */
export function quantizationAware(model: Module, options: QuantizationAwareOptions = {}): QuantizationAware {
  checkOptions('quantizationAware', options, ['weightBits', 'activationBits', 'perChannel', 'ranges', 'momentum']);
  const { weightBits = 8, activationBits = 8, perChannel = true, ranges = 'running', momentum = 0.1 } = options;
  if (ranges !== 'running' && ranges !== 'learned') {
    throw new ArgumentError(`quantizationAware: ranges is '${String(ranges)}', but must be 'running' or 'learned'.`);
  }
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
  const roundings = new Map(
    layers.map(([name, module]) => {
      const layer = module as Conv2d | Linear;
      const rounding = ranges === 'learned' ? learnedRounding(layer, settings) : runningRounding(layer, settings);
      Object.assign(layer, { forward: forwardOf(layer, rounding) });
      return [name, { layer, rounding }];
    }),
  );
  return {
    layers: layers.map(([name]) => name),
    get inputRanges() {
      const found = [...roundings].map(([name, { rounding }]) => [name, rounding.inputRange()] as const);
      return new Map(found.filter((entry): entry is [string, FoundRange] => entry[1] !== null));
    },
    remove: () => {
      for (const { layer, rounding } of roundings.values()) {
        if (ranges === 'learned') bake(layer, rounding);
        rounding.remove();
        // Without a field of its own, the layer has the forward of its class.
        Reflect.deleteProperty(layer, 'forward');
      }
    },
  };
}

function forwardOf(layer: Conv2d | Linear, { roundInput, roundWeight }: LayerRounding): (x: Tensor) => Tensor {
  return layer instanceof Conv2d
    ? (x) => conv2d(roundInput(x), roundWeight(layer.weight), layer.bias, layer.options)
    : (x) => linear(roundInput(x), roundWeight(layer.weight), layer.bias);
}

/** Writes the weights that the learned steps stand for: cut and rounded. */
function bake(layer: Conv2d | Linear, { roundWeight }: LayerRounding): void {
  withoutTape(() => scope(() => layer.weight.data.set(roundWeight(layer.weight).data)));
}

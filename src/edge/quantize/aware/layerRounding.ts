import type { Conv2d, Linear } from '../../../layers/index.js';
import { Parameter } from '../../../tensor/parameter.js';
import type { Tensor } from '../../../tensor/tensor.js';
import type { FoundRange } from '../calibrate/ranges.js';
import { quantizationOf } from '../integers/quantizations.js';
import { mostOf } from '../integers/weights.js';
import { fakeQuantize } from './fakeQuantize.js';
import { type LearnedRange, learnedQuantize } from './learnedQuantize.js';

/** How a layer rounds. */
export interface RoundingSettings {
  readonly weightBits: 7 | 8;
  readonly activationBits: 7 | 8;
  readonly perChannel: boolean;
  readonly momentum: number;
}

/** How a layer's input and weight are rounded. */
export interface LayerRounding {
  roundInput(x: Tensor): Tensor;
  roundWeight(w: Tensor): Tensor;
  /** The range of the input; null before any batch. */
  inputRange(): FoundRange | null;
  /** Removes what was added to the layer. */
  remove(): void;
}

type Layer = Conv2d | Linear;

/** Ranges of inputs follow the batches; those of weights are the weights' own. */
export function runningRounding(layer: Layer, settings: RoundingSettings): LayerRounding {
  const narrow = settings.activationBits === 7;
  const most = mostOf(settings.weightBits);
  const range = { min: 0, max: 0, isKnown: false };
  const observe = (values: Float32Array): void => {
    const { min, max } = rangeOf(values);
    const part = range.isKnown ? settings.momentum : 1;
    range.min += part * (min - range.min);
    range.max += part * (max - range.max);
    range.isKnown = true;
  };
  const inputScale = (values: Float32Array) => {
    if (layer.training || !range.isKnown) observe(values);
    return quantizationOf(range, narrow);
  };
  return {
    roundInput: (x) => fakeQuantize(x, 1, inputScale, narrow ? 0 : -128, 127),
    roundWeight: (w) =>
      fakeQuantize(w, settings.perChannel ? (w.shape[0] as number) : 1, (part) => weightScale(part, most), -most, most),
    inputRange: () => (range.isKnown ? { min: range.min, max: range.max } : null),
    remove: () => undefined,
  };
}

/** Steps of inputs and weights are parameters of the layer, `inputStep` and `weightStep`, which begin at the range of what is seen first. */
export function learnedRounding(layer: Layer, settings: RoundingSettings): LayerRounding {
  const narrow = settings.activationBits === 7;
  const most = mostOf(settings.weightBits);
  const input: LearnedRange = { low: narrow ? 0 : -128, high: 127, zero: 0 };
  const weight: LearnedRange = { low: -most, high: most, zero: 0 };
  const inputStep = new Parameter(null, [1]);
  const weightStep = new Parameter(null, [settings.perChannel ? (layer.weight.shape[0] as number) : 1]);
  Object.assign(layer, { inputStep, weightStep });
  return {
    roundInput: (x) =>
      learnedQuantize(x, inputStep, input, x.size / (x.shape[0] ?? 1), (values) =>
        quantizationOf(rangeOf(values), narrow),
      ),
    roundWeight: (w) =>
      learnedQuantize(w, weightStep, weight, w.size / weightStep.size, (part) => weightScale(part, most)),
    inputRange: () => {
      const [step = 0] = inputStep.data;
      return step > 0 ? { min: step * (input.low - input.zero), max: step * (input.high - input.zero) } : null;
    },
    remove: () => {
      for (const name of ['inputStep', 'weightStep']) Reflect.deleteProperty(layer, name);
    },
  };
}

function rangeOf(values: Float32Array): FoundRange {
  let [min, max] = [0, 0];
  for (const v of values) {
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return { min, max };
}

function weightScale(values: Float32Array, most: number): { scale: number; zero: number } {
  const largest = values.reduce((far, v) => Math.max(far, Math.abs(v)), 0);
  return { scale: largest / most || 1, zero: 0 };
}

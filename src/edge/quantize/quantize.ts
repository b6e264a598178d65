import { StridenetError } from '../../base/errors.js';
import type { Shape } from '../../base/shape.js';
import { capture } from '../../graph/capture.js';
import { CompiledModel } from '../../graph/compile.js';
import { releaseConstants } from '../../graph/releaseConstants.js';
import type { Module } from '../../layers/module.js';
import { scope, withoutScope } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import { calibrate } from './calibrate/calibrate.js';
import { equalize as equalizeLayers } from './calibrate/equalize.js';
import type { Observer } from './calibrate/observer.js';
import { checkNames, checkRanges } from './checks.js';
import { collectImages, type Images } from './images.js';
import { type BuildSettings, buildIntegers } from './integers/build.js';
import type { IntegerNetwork } from './integers/integerNetwork.js';
import { networkOf } from './network/fromGraph.js';
import type { Network } from './network/network.js';
import { checkQuantizeOptions, type QuantizeOptions } from './options.js';
import { IntegerPlan } from './plan/integerPlan.js';
import { QuantizedModel } from './quantizedModel.js';
import { bestClass, countHits, floatBytes, layerErrors, timed, weightBytes, worstLayers } from './report/measure.js';
import { QuantizationReport, type ReportNumbers } from './report/report.js';

/** Images on which the error of each layer is measured. */
const MOST_ERROR_IMAGES = 8;

/**
 * Turns a trained model into one that computes in 8-bit integers: a quarter of the size, and faster on CPUs. Batch norms are folded, ranges of
 * activations are found on the calibration images, and everything between the layers stays in 8 bits. The model itself stays as it is.
 *
 * Operations without integer kernels stay in float32; `quantized.floatOperations` names them. Don't trust a quantized model without measuring it:
 * `quantized.report` compares it with the float model, and `quantize` warns when accuracy falls by more than `maxDrop`.
 *
 * Throws `ArgumentError` for options out of range, or a model that can't be quantized; `DataError` for no images, NaN, or images of one number;
 * `StridenetError` when accuracy falls by more than `maxDrop` and `onDrop` is 'throw'; what `capture` throws for a model without a fixed graph.
 *
 * Numerics: weights are symmetric, activations have a zero point, sums are int32, and outputs are rounded half to even.
 *
 * Source: Jacob et al. 2017 (arXiv:1712.05877); Nagel et al. 2021 (arXiv:2106.08295).
 *
 * @example
 * const quantized = await quantize(model, { inputShape: [1, 3, 32, 32], calibration: loader });
 * console.log(String(quantized.report));
 * quantized.predict(x); // [N, 10]
 */
export async function quantize(model: Module, options: QuantizeOptions): Promise<QuantizedModel> {
  checkQuantizeOptions(options);
  const { inputShape, maxImages = 1000, ranges = 'minmax', equalize = false, keepFloat = [] } = options;
  const shape = [1, ...inputShape.slice(1)];
  const graph = withoutScope(() => capture(model, shape));
  try {
    const data = await collectImages('calibration', options.calibration, shape, maxImages);
    const validation =
      options.validation === undefined ? null : await collectImages('validation', options.validation, shape, maxImages);
    return withoutScope(() => {
      const folded = networkOf(graph);
      try {
        checkNames(folded, keepFloat, 'keepFloat');
        checkNames(folded, [...(options.inputRanges?.keys() ?? [])], 'inputRanges');
        const network = equalize ? equalizeLayers(folded) : folded;
        const observers = calibrate(network, shape, data.images, ranges);
        checkRanges(network, observers);
        const measured = { model, network, observers, shape, data, validation };
        return finish(measured, options, new Set(keptLayers(measured, options)));
      } finally {
        for (const [value, tensor] of folded.tensors) if (!graph.tensors.has(value)) tensor.dispose();
      }
    });
  } finally {
    releaseConstants(graph);
  }
}

/** The names of layers that stay in float. */
function keptLayers(measured: Measured, options: QuantizeOptions): readonly string[] {
  const { keepFloat = 0 } = options;
  if (typeof keepFloat !== 'number') return keepFloat;
  if (keepFloat === 0) return [];
  const { network, observers, shape, data } = measured;
  const { integers, origins } = buildIntegers(network, observers, settingsOf(options, new Set()));
  const plan = new IntegerPlan(integers);
  try {
    const errors = layerErrors(network, plan, origins, shape, data.images.slice(0, MOST_ERROR_IMAGES));
    return worstLayers(integers, errors, keepFloat);
  } finally {
    plan.release();
  }
}

interface Measured {
  readonly model: Module;
  readonly network: Network;
  readonly observers: ReadonlyMap<number, Observer>;
  readonly shape: Shape;
  readonly data: Images;
  readonly validation: Images | null;
}

function settingsOf(options: QuantizeOptions, kept: ReadonlySet<string>): BuildSettings {
  const { weightBits = 8, activationBits = 8, perChannel = true, biasCorrection = false } = options;
  const { ranges: method = 'minmax', percentile = 99.99, inputRanges } = options;
  const keepFloat = ({ name }: { name: string }): boolean => kept.has(name);
  return { method, percentile, inputRanges, weightBits, activationBits, perChannel, biasCorrection, keepFloat };
}

function finish(measured: Measured, options: QuantizeOptions, kept: ReadonlySet<string>): QuantizedModel {
  const { network, observers } = measured;
  const { integers, origins } = buildIntegers(network, observers, settingsOf(options, kept));
  const plan = new IntegerPlan(integers);
  try {
    const numbers = measure(measured, options, integers, plan, origins);
    const report = new QuantizationReport(numbers);
    announce(report, options);
    return new QuantizedModel(integers, report);
  } finally {
    plan.release();
  }
}

function measure(
  { model, network, shape, data, validation }: Measured,
  options: QuantizeOptions,
  integers: IntegerNetwork,
  plan: IntegerPlan,
  origins: ReadonlyMap<number, number>,
): ReportNumbers {
  const judged = validation ?? data;
  const run = (image: Float32Array): Float32Array => {
    const y = new Float32Array(plan.outputSize);
    plan.run(y, image);
    return y;
  };
  const compiled = new CompiledModel(model, shape);
  const runModel = (image: Float32Array): Float32Array =>
    scope(() => Float32Array.from(compiled.predict(Tensor.from(image, shape)).floats));
  const [first = new Float32Array(0)] = judged.images;
  const before = judged.images.map(runModel);
  const after = judged.images.map(run);
  const ms = { before: timed(() => void runModel(first)), after: timed(() => void run(first)) };
  compiled.release();
  const { labels } = judged;
  const hits = labels === null ? null : [before, after].map((logits) => countHits(logits, labels));
  const share = (top: 'top1' | 'top5') =>
    hits === null
      ? null
      : { before: (hits[0]?.[top] ?? 0) / before.length, after: (hits[1]?.[top] ?? 0) / before.length };
  const same = before.filter((row, i) => bestClass(row) === bestClass(after[i] as Float32Array)).length;
  return {
    model: network.model,
    weightBits: integers.weightBits,
    activationBits: options.activationBits ?? 8,
    perChannel: options.perChannel ?? true,
    bytes: { before: floatBytes(model), after: weightBytes(integers) },
    ms,
    images: judged.images.length,
    onCalibration: validation === null,
    top1: share('top1'),
    top5: share('top5'),
    agreement: same / before.length,
    layers: layerErrors(network, plan, origins, shape, data.images.slice(0, MOST_ERROR_IMAGES)),
    floatOperations: new QuantizedModel(integers).floatOperations,
  };
}

function announce(report: QuantizationReport, { maxDrop = 0.01, onDrop = 'warn' }: QuantizeOptions): void {
  const { numbers, drop } = report;
  if (!(drop > maxDrop)) return;
  const points = (share: number): string => `${(100 * share).toFixed(2)} points`;
  const what =
    numbers.top1 === null
      ? `${(100 * drop).toFixed(2)} % of the answers changed, and maxDrop allows ${(100 * maxDrop).toFixed(2)} %`
      : `top-1 accuracy fell by ${points(drop)}, and maxDrop allows ${points(maxDrop)}`;
  const [worst] = report.worstLayers(1);
  const message = `quantize: ${what}. The worst layer is ${worst?.name || 'the input'}. Use more calibration images, another option of ranges, perChannel, equalize with biasCorrection, or keepFloat: 1.`;
  if (onDrop === 'throw') throw new StridenetError(message);
  console.warn(message);
}

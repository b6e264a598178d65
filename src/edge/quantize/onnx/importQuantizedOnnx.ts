import { checkOptions } from '../../../base/checkOptions.js';
import { ArgumentError } from '../../../base/errors.js';
import type { Shape } from '../../../base/shape.js';
import { capture } from '../../../graph/capture.js';
import type { Graph } from '../../../graph/graph.js';
import { releaseConstants } from '../../../graph/releaseConstants.js';
import { decodeModel } from '../../../onnx/decode.js';
import { type ImportOnnxOptions, importStored } from '../../../onnx/importOnnx.js';
import type { OnnxModule } from '../../../onnx/onnxModule.js';
import { scope, withoutTape } from '../../../tensor/scope.js';
import type { IntegerNetwork } from '../integers/integerNetwork.js';
import { networkOf } from '../network/fromGraph.js';
import type { Network } from '../network/network.js';
import { QuantizedModel } from '../quantizedModel.js';
import { Constants } from './constants.js';
import { integersOf } from './integersOf.js';
import { joinRoundings } from './joinRoundings.js';
import { productsToLinear } from './matrixProducts.js';
import { poolsPadThemselves } from './paddedPools.js';
import { findRoundings } from './roundings.js';
import { dropRepeatedRoundings, roundBeforeViews } from './settleRoundings.js';

/** Options of `importQuantizedOnnx`. */
export interface ImportQuantizedOnnxOptions extends ImportOnnxOptions {
  /** The shape of an input [N, C, H, W]. Default: what the file says, which must name all sizes but the first. */
  inputShape?: Shape | undefined;
}

/**
 * Reads a quantized ONNX file in the QDQ form, as onnxruntime's tools and `exportQuantizedOnnx` write it, as a model that computes in 8-bit
 * integers. Weights and scales stay as they are in the file, for each tensor or each channel, and unsigned bytes become signed ones.
 *
 * Operations between floats, or with weights that 8 bits can't hold, stay in float32; `floatOperations` names them.
 *
 * Throws `FormatError` as `importOnnx` does; `ArgumentError` for a file without such pairs, for activations with 16 bits or a scale for each
 * channel, and for an input whose size isn't known.
 *
 * @example
 * const quantized = importQuantizedOnnx(await readFile('model.qdq.onnx'));
 * quantized.predict(x); // logits
 */
export function importQuantizedOnnx(bytes: Uint8Array, options: ImportQuantizedOnnxOptions = {}): QuantizedModel {
  const { inputShape, ...others } = options;
  checkOptions('importQuantizedOnnx', options, ['inputShape', 'externalData', 'output', 'maxMemory']);
  const module = importStored(bytes, others).eval();
  const shape = inputShape ?? shapeOf(bytes);
  return new QuantizedModel(
    withoutTape(() =>
      scope(() => {
        const graph = capture(module, [1, ...shape.slice(1)]);
        try {
          return networkIn(graph, module);
        } finally {
          releaseConstants(graph);
        }
      }),
    ),
  );
}

function networkIn(captured: Graph, module: OnnxModule): IntegerNetwork {
  const rounded = findRoundings(captured, new Constants(captured));
  if (rounded.nodes.length === captured.nodes.length && !rounded.nodes.some(({ op }) => op === 'rounding')) {
    throw new ArgumentError(
      'importQuantizedOnnx: the file has no activations between QuantizeLinear and DequantizeLinear, so it says nothing about 8-bit integers. Read it with importOnnx, and quantize the model.',
    );
  }
  const settled = dropRepeatedRoundings(roundBeforeViews(poolsPadThemselves(rounded)));
  const graph = productsToLinear(settled, new Constants(settled));
  const network = named(networkOf(graph, 'importQuantizedOnnx'), module);
  return integersOf(joinRoundings(network), graph, new Constants(graph));
}

/** Convolutions and linear layers get the names that the file has for them. */
function named(network: Network, { steps }: OnnxModule): Network {
  const titles = steps.filter(({ opType }) => /^(Conv|Gemm|MatMul)$/.test(opType)).map(({ title }) => title);
  const layers = network.nodes.filter((node) => node.op === 'conv' && !node.isBatchNorm);
  if (titles.length !== layers.length) return network;
  const nodes = network.nodes.map((node) => {
    const at = layers.indexOf(node);
    return at < 0 ? node : { ...node, name: /'(.*)'$/.exec(titles[at] as string)?.[1] ?? '' };
  });
  return { ...network, nodes };
}

function shapeOf(bytes: Uint8Array): Shape {
  const { inputs, initializers } = decodeModel(bytes).graph;
  const stored = new Set(initializers.map(({ name }) => name));
  const input = inputs.find(({ name }) => !stored.has(name));
  const sizes = input?.shape?.slice(1) ?? [];
  if (sizes.length > 0 && sizes.every((size): size is number => typeof size === 'number' && size > 0))
    return [1, ...sizes];
  throw new ArgumentError(
    `importQuantizedOnnx: the file gives its input the shape [${input?.shape?.join(', ') ?? ''}], which doesn't say how large images are. Pass inputShape, such as [1, 3, 224, 224].`,
  );
}

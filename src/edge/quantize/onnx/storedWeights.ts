import type { Graph } from '../../../graph/graph.js';
import type { ConvIntegers } from '../integers/networkBuilder.js';
import { quantizeBias, scaleAt } from '../integers/weights.js';
import type { ConvNode } from '../network/network.js';
import type { Constants } from './constants.js';
import { TRANSPOSED, transposed } from './matrixProducts.js';

/** Whole numbers as a file holds them, and the scale of each output channel, or one for all. */
interface Stored {
  readonly whole: Float32Array;
  readonly scales: Float32Array;
}

/**
 * The weights and biases of a convolution as the file has them, if bytes can hold the weights and int32 the biases; else null. Biases in floats or
 * other units are rounded.
 */
export function storedIntegers(
  node: ConvNode,
  graph: Graph,
  constants: Constants,
  xScale: number,
): ConvIntegers | null {
  const stored = node.origin === undefined ? null : storedWeight(node.origin.w, graph, constants, 'first');
  if (stored === null || stored.whole.length !== node.weight.length) return null;
  const { scales } = stored;
  if (!stored.whole.every((v) => Number.isInteger(v) && v >= -128 && v < 128)) return null;
  if (!node.bias.every((b, o) => Math.abs(b) < 2 ** 30 * xScale * scaleAt(scales, o))) return null;
  const weight = Int8Array.from(stored.whole);
  const own = node.origin?.bias === undefined ? null : storedWeight(node.origin.bias, graph, constants, 'first');
  const fits = own?.scales.every((s, o) => Math.abs(s / (xScale * scaleAt(scales, o)) - 1) < 1e-5);
  const isWhole = own?.whole.every(Number.isInteger) && (own.scales.length > 1 || scales.length === 1);
  if (own && fits && isWhole) return { weight, scales, bias: Int32Array.from(own.whole) };
  return { weight, scales, bias: quantizeBias(node.bias, scales, xScale) };
}

/** Follows a weight to the product that decodes it: scale * (whole - zero). Its output channels lie on the first or the last axis. */
function storedWeight(value: number, graph: Graph, constants: Constants, axis: 'first' | 'last'): Stored | null {
  const maker = constants.uses.maker(value);
  if (maker === undefined) return null;
  const source = maker.inputs[0] as number;
  if (maker.op === TRANSPOSED) {
    const of = storedWeight(source, graph, constants, 'last');
    return of && { whole: transposed(of.whole, graph.shapeOf(source)), scales: of.scales };
  }
  if (maker.isView) return storedWeight(source, graph, constants, axis);
  const by = maker.inputs[1] as number;
  if (maker.op !== 'mul' || !constants.has(source) || !constants.has(by)) return null;
  const { size, shape, floats } = constants.tensor(by);
  const whole = graph.shapeOf(value);
  const at = axis === 'first' ? 0 : whole.length - 1;
  // A scale of lower rank lies on the last axes.
  const own = at - (whole.length - shape.length);
  if (size !== 1 && !(shape[own] === size && size === whole[at])) return null;
  return { whole: Float32Array.from(constants.tensor(source).floats), scales: Float32Array.from(floats) };
}

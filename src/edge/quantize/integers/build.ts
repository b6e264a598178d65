import { sizeOf } from '../../../base/shape.js';
import type { Conv2dGeometry } from '../../../kernels/geometry.js';
import type { Observer } from '../calibrate/observer.js';
import type { ConvNode, Network, NetworkNode, OperationNode } from '../network/network.js';
import { floatCalls } from './floatCalls.js';
import type { IntegerNetwork, IntegerNode, IntegerPool, IntegerValue, Quantization, Window } from './integerNetwork.js';
import { lookupTable } from './lookupTable.js';
import { placeNodes } from './placement.js';
import { quantizationsOf, type RangeSettings } from './quantizations.js';
import { biasErrors, quantizeBias, quantizeWeights } from './weights.js';

export interface BuildSettings extends RangeSettings {
  readonly weightBits: 7 | 8;
  readonly perChannel: boolean;
  readonly biasCorrection: boolean;
  readonly keepFloat: (node: NetworkNode) => boolean;
}

/** A network in integers, and which value of the float network each of its values stands for. */
export interface Built {
  readonly integers: IntegerNetwork;
  readonly origins: ReadonlyMap<number, number>;
}

/** The network in integers, with what calibration has found. */
export function buildIntegers(
  network: Network,
  observers: ReadonlyMap<number, Observer>,
  settings: BuildSettings,
): Built {
  const placement = placeNodes(network, settings.keepFloat);
  const quantizations = quantizationsOf(network, placement, observers, settings);
  const builder = new Builder(network, quantizations);
  for (const node of network.nodes) {
    if (node.op === 'constant') continue;
    if (placement.inFloat.has(node)) builder.addFloat(node);
    else if (node.op === 'conv') builder.addConv(node, observers, settings, placement.givesNumbers.has(node));
    else builder.addBytes(node);
  }
  const integers = { model: network.model, weightBits: settings.weightBits, ...builder.finish() };
  return { integers, origins: builder.sources };
}

/** Adds nodes one by one; a value gets its other form, bytes or numbers, when somebody reads it. */
class Builder {
  readonly #values: IntegerValue[] = [];
  readonly #nodes: IntegerNode[] = [];
  readonly #bytes = new Map<number, number>();
  readonly #numbers = new Map<number, number>();
  readonly #input: number;
  /** The value of the float network that a value stands for. */
  readonly sources = new Map<number, number>();

  constructor(
    readonly network: Network,
    readonly quantizations: ReadonlyMap<number, Quantization>,
  ) {
    this.#input = this.#add(this.#shape(network.input));
    this.#numbers.set(network.input, this.#input);
  }

  addConv(
    node: ConvNode,
    observers: ReadonlyMap<number, Observer>,
    settings: BuildSettings,
    givesNumbers: boolean,
  ): void {
    const source = node.inputs[0] as number;
    const x = node.inputs.map((value) => this.#bytesOf(value));
    const { scale } = this.#quantization(source);
    const quantized = quantizeWeights(node, scale, settings.weightBits, settings.perChannel);
    const means = settings.biasCorrection ? observers.get(source)?.means : undefined;
    const errors = means === undefined ? null : biasErrors(node, quantized, spreadMeans(means, node));
    const bias = errors === null ? node.bias : node.bias.map((b, o) => b - (errors[o] as number));
    const { name, activation } = node;
    const y = givesNumbers ? this.#makeNumbers(node.output) : this.#makeBytes(node.output);
    this.#nodes.push({
      op: 'conv',
      name,
      x,
      y,
      window: windowOf(node.geometry),
      activation,
      weight: quantized.weight,
      bias: quantizeBias(bias, quantized.scales, scale),
      scales: quantized.scales,
    });
  }

  addBytes(node: OperationNode): void {
    const { name, source } = node;
    const x = node.inputs.map((value) => this.#bytesOf(value, node.output));
    const y = this.#makeBytes(node.output);
    const common = { name, x, y };
    if (node.op === 'lookup') {
      const [from, to] = [this.#quantization(node.inputs[0] as number), this.#quantization(node.output)];
      this.#nodes.push({ op: 'lookup', ...common, table: lookupTable(source, from, to) });
    } else if (node.op === 'add') this.#nodes.push({ op: 'add', ...common, relu: source.op === 'addRelu' });
    else if (node.op === 'maxPool' || node.op === 'avgPool') this.#nodes.push(poolOf(node, common));
    else if (node.op === 'scale') {
      const sizes = node.inputs.map((value) => sizeOf(this.#shape(value)));
      const ordered = (sizes[0] as number) >= (sizes[1] as number) ? x : x.toReversed();
      this.#nodes.push({ op: 'scale', ...common, x: ordered });
    } else this.#nodes.push({ op: node.op as 'concat' | 'view', ...common });
  }

  addFloat(node: NetworkNode): void {
    const x = node.inputs.map((value) => this.#numbersOf(value));
    if (node.op === 'conv') {
      const { name, activation, weight, bias, geometry } = node;
      const window = windowOf(geometry);
      this.#nodes.push({
        op: 'floatConv',
        name,
        x,
        y: this.#makeNumbers(node.output),
        window,
        activation,
        weight,
        bias,
      });
      return;
    }
    const y = this.#makeNumbers(node.output);
    const ids = new Map([...node.inputs.map((value, i) => [value, x[i] as number] as const), [node.output, y]]);
    const { calls, inner, weights } = floatCalls(node.source, this.network, (value) => {
      const known = ids.get(value) ?? this.#add(this.#shape(value));
      ids.set(value, known);
      return known;
    });
    const { op: source, isView } = node.source;
    if (isView) this.#nodes.push({ op: 'view', name: node.name, x, y });
    else this.#nodes.push({ op: 'float', name: node.name, x, y, source, calls, inner, weights });
  }

  finish(): Pick<IntegerNetwork, 'values' | 'nodes' | 'input' | 'output'> {
    const output = this.#numbersOf(this.network.output);
    return { values: this.#values, nodes: this.#nodes, input: this.#input, output };
  }

  #shape(value: number) {
    return this.network.shapes[value] ?? [];
  }

  #quantization(value: number): Quantization {
    return this.quantizations.get(value) as Quantization;
  }

  #add(shape: readonly number[], bytes?: Quantization): number {
    return this.#values.push(bytes === undefined ? { shape } : { shape, bytes }) - 1;
  }

  #makeBytes(value: number): number {
    const id = this.#add(this.#shape(value), this.#quantization(value));
    this.#bytes.set(value, id);
    this.sources.set(id, value);
    return id;
  }

  #makeNumbers(value: number): number {
    const id = this.#add(this.#shape(value));
    this.#numbers.set(value, id);
    this.sources.set(id, value);
    return id;
  }

  /** Constants take the quantization of what reads them. */
  #bytesOf(value: number, reader = value): number {
    const known = this.#bytes.get(value);
    if (known !== undefined) return known;
    const tensor = this.network.tensors.get(value);
    if (tensor !== undefined) {
      const bytes = this.#quantization(reader);
      const y = this.#add(this.#shape(value), bytes);
      const data = Int8Array.from(tensor.floats, (v) =>
        Math.min(Math.max(Math.round(v / bytes.scale) + bytes.zero, bytes.low), 127),
      );
      this.#nodes.push({ op: 'constant', name: '', x: [], y, data });
      return y;
    }
    const from = this.#numbers.get(value) as number;
    const y = this.#makeBytes(value);
    this.#nodes.push({ op: 'quantize', name: '', x: [from], y });
    return y;
  }

  #numbersOf(value: number): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const from = this.#bytes.get(value) as number;
    const y = this.#makeNumbers(value);
    this.#nodes.push({ op: 'dequantize', name: '', x: [from], y });
    return y;
  }
}

function windowOf(g: Conv2dGeometry): Window {
  return {
    kernel: [g.kernelHeight, g.kernelWidth],
    stride: [g.strideHeight, g.strideWidth],
    pad: [g.padTop, g.padLeft],
    dilation: [g.dilationHeight, g.dilationWidth],
    groups: g.groups,
  };
}

/** One mean for each input channel; a flattened image has one for each number, of which a window of the image has one for each channel. */
function spreadMeans(means: Float64Array, { geometry: g }: ConvNode): Float64Array {
  if (means.length === g.inChannels) return means;
  return Float64Array.from({ length: g.inChannels }, (_, c) => means[c % means.length] as number);
}

function poolOf({ op, source }: OperationNode, common: { name: string; x: number[]; y: number }): IntegerPool {
  const { attributes: g } = source as { attributes: Record<string, number | boolean | undefined> };
  const window =
    g.kernelHeight === undefined
      ? null
      : {
          kernel: [g.kernelHeight, g.kernelWidth] as number[],
          stride: [g.strideHeight, g.strideWidth] as number[],
          pad: [g.padTop, g.padLeft] as number[],
        };
  return { op: op as 'maxPool' | 'avgPool', ...common, window, countIncludePad: g.countIncludePad === true };
}

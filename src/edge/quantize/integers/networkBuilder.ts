import { sizeOf } from '../../../base/shape.js';
import type { Conv2dGeometry } from '../../../kernels/geometry.js';
import type { ConvNode, Network, NetworkNode, OperationNode } from '../network/network.js';
import { floatCalls } from './floatCalls.js';
import type { IntegerNetwork, IntegerNode, IntegerPool, IntegerValue, Quantization, Window } from './integerNetwork.js';
import { lookupTable, rescaleTable } from './lookupTable.js';
import type { QuantizedWeights } from './weights.js';

/** Weights and biases of a convolution in integers. */
export interface ConvIntegers extends QuantizedWeights {
  readonly bias: Int32Array;
}

/** Makes a network in integers of nodes that are added one by one; a value gets its other form, bytes or numbers, when somebody reads it. */
export class NetworkBuilder {
  readonly #values: IntegerValue[] = [];
  readonly #nodes: IntegerNode[] = [];
  readonly #bytes = new Map<number, number>();
  readonly #numbers = new Map<number, number>();
  /** The numbers that bytes stand for, where they differ from those that were computed. */
  readonly #rounded = new Map<number, number>();
  readonly #input: number;
  /** The value of the float network that a value stands for. */
  readonly sources = new Map<number, number>();

  /** `isExact`: what has a quantization is rounded for whoever reads it, also where floats read what floats have made. */
  constructor(
    readonly network: Network,
    readonly quantizations: ReadonlyMap<number, Quantization>,
    readonly isExact = false,
  ) {
    this.#input = this.#add(this.#shape(network.input));
    this.#numbers.set(network.input, this.#input);
  }

  addConv(node: ConvNode, { weight, scales, bias }: ConvIntegers, givesNumbers: boolean): void {
    const x = node.inputs.map((value) => this.#bytesOf(value));
    const { name, activation } = node;
    const y = givesNumbers ? this.#makeNumbers(node.output) : this.#makeBytes(node.output);
    this.#nodes.push({ op: 'conv', name, x, y, window: windowOf(node.geometry), activation, weight, bias, scales });
  }

  /** The output's bytes for each byte of a value, -128 first. */
  addLookup(name: string, input: number, output: number, table: Int8Array): void {
    const x = [this.#bytesOf(input)];
    this.#nodes.push({ op: 'lookup', name, x, y: this.#makeBytes(output), table });
  }

  /** A value under another quantization. */
  addRounding(input: number, output: number): void {
    const from = this.quantizations.get(input);
    if (from !== undefined) {
      const table = rescaleTable(from, this.#quantization(output));
      if (table !== null) this.addLookup('', input, output, table);
      else this.#bytes.set(output, this.#bytesOf(input));
      return;
    }
    const x = [this.#numbersOf(input)];
    this.#nodes.push({ op: 'quantize', name: '', x, y: this.#makeBytes(output) });
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
    const isRounded = this.isExact && this.quantizations.has(value);
    const known = isRounded ? this.#rounded.get(value) : this.#numbers.get(value);
    if (known !== undefined) return known;
    const from = isRounded ? this.#bytesOf(value) : (this.#bytes.get(value) as number);
    const y = isRounded ? this.#add(this.#shape(value)) : this.#makeNumbers(value);
    if (isRounded) this.#rounded.set(value, y);
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

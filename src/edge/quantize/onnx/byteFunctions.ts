import { add } from '../../../tensor/ops/math/add.js';
import { div } from '../../../tensor/ops/math/div.js';
import { mul } from '../../../tensor/ops/math/mul.js';
import { sub } from '../../../tensor/ops/math/sub.js';
import { Tensor } from '../../../tensor/tensor.js';
import type { Quantization } from '../integers/integerNetwork.js';
import { tableOf } from '../integers/lookupTable.js';
import { UNARY } from '../network/kindOf.js';
import { makersOf, type Network, type OperationNode } from '../network/network.js';
import { runNode } from '../network/runNode.js';
import type { Constants } from './constants.js';
import { BYTE_TABLE } from './roundings.js';

/** A value whose bytes depend on the byte of one other value at the same place. */
export interface ByteFunction {
  readonly input: number;
  /** A byte for each byte; that for -128 is at index 128. */
  readonly table: Int8Array;
}

const binary: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = { add, sub, mul, div };

/** Finds values with a quantization that are functions of one byte: an activation, or several operations that make one. */
export function byteFunctions(
  network: Network,
  quantizations: ReadonlyMap<number, Quantization>,
  constants: Constants,
): ReadonlyMap<number, ByteFunction> {
  const found = new Map<number, ByteFunction>();
  const makers = makersOf(network);
  for (const { output } of network.nodes) {
    const to = quantizations.get(output);
    if (to === undefined) continue;
    const input = sourceOf(output);
    const from = input === null ? undefined : quantizations.get(input);
    const maker = makers.get(output) as OperationNode;
    if (input === null || from === undefined) continue;
    const given = maker.op === 'float' && maker.source.op === BYTE_TABLE ? maker.source.attributes.table : null;
    const table = given === null ? evaluate(output, input, from, to) : (given as Int8Array);
    if (table !== null) found.set(output, { input, table });
  }
  return found;

  /** The one rounded value that a value is computed from, number by number. */
  function sourceOf(value: number): number | null {
    const node = makers.get(value);
    if (node === undefined || node.op === 'conv' || node.op === 'constant') return null;
    if (node.source.op === BYTE_TABLE) return node.inputs[0] as number;
    if (!UNARY.test(node.source.op) && !isBinary(node)) return null;
    const sources = new Set(node.inputs.map((input) => (quantizations.has(input) ? input : sourceOf(input))));
    // What is a function of the other itself, as sigmoid(x) beside x, is no second source.
    for (const source of sources) {
      const root = source === null ? undefined : found.get(source)?.input;
      if (root !== undefined && sources.has(root) && source !== null) sources.delete(source);
    }
    const [source = null] = sources;
    return sources.size === 1 ? source : null;
  }

  function isBinary({ source, inputs }: OperationNode): boolean {
    if (!(source.op in binary) || source.inputs.length !== 2) return false;
    const shapes = inputs.map((input) => String(network.shapes[input]));
    return (
      new Set([...shapes, String(network.shapes[source.outputs[0] as number])]).size === 1 &&
      source.inputs.every((input) => !constants.has(input) || constants.number(input) !== null)
    );
  }

  function evaluate(output: number, input: number, from: Quantization, to: Quantization): Int8Array | null {
    const bytes = Float32Array.from({ length: 256 }, (_, i) => from.scale * (((i << 24) >> 24) - from.zero));
    const tensors = new Map([[input, Tensor.from(bytes, [1, 256])]]);
    const compute = (value: number): Tensor => {
      const known = tensors.get(value);
      if (known !== undefined) return known;
      const made = constants.has(value) ? Tensor.from(constants.tensor(value).floats, []) : run(value);
      tensors.set(value, made);
      return made;
    };
    const run = (value: number): Tensor => {
      const own = found.get(value);
      const read = quantizations.get(value);
      if (own !== undefined && read !== undefined) {
        return Tensor.from(
          Float32Array.from(own.table, (v) => read.scale * (v - read.zero)),
          [1, 256],
        );
      }
      const { source } = makers.get(value) as OperationNode;
      const operands = source.inputs.map(compute);
      const operation = binary[source.op];
      if (operation !== undefined) return operation(operands[0] as Tensor, operands[1] as Tensor);
      runNode(source, tensors, () => [1, 256]);
      return tensors.get(source.outputs[0] as number) as Tensor;
    };
    return tableOf(Float32Array.from(run(output).floats), to);
  }
}

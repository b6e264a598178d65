import { buffer } from '../layers/module.js';
import { Parameter } from '../tensor/parameter.js';
import { Tensor } from '../tensor/tensor.js';
import type { ImportNode } from './importNode.js';
import type { HostArray, Value } from './values.js';

/** Which inputs of an operator are learned. */
const learned: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  GroupNormalization: [1, 2],
  LayerNormalization: [1, 2],
  RMSNormalization: [1],
  PRelu: [1],
};

/** The same of arithmetic, whose other operand may be any number. */
const arithmetic: Readonly<Record<string, readonly number[]>> = { Add: [0, 1], Sub: [0, 1], Mul: [0, 1], Div: [0, 1] };

/** Which inputs of an operator are large, but not learned: running statistics, and whole numbers that stand for weights. */
const kept: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  ConvInteger: [1],
  MatMulInteger: [0, 1],
  QLinearConv: [3],
  QLinearMatMul: [0, 3],
};

/** What only passes a weight on. */
const passing = new Set(['Identity', 'Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Cast']);

/** A weight is made of a stored array, under the name that the file has for it or a better one. */
interface Role {
  kind: 'parameter' | 'buffer';
  /** A name by the node that reads it, for arrays whose own says nothing. */
  name: string;
  /** Of arithmetic alone. */
  loose: boolean;
}

/** Arrays that a file holds, by name: initializers and the values of Constant nodes. */
export interface Stored {
  initializers: ReadonlyMap<string, HostArray>;
  constants: ReadonlyMap<string, HostArray>;
}

/**
 * Makes parameters and buffers of the stored arrays that are weights; the others stay numbers.
 *
 * Where a file has its weights in initializers, a Constant node that arithmetic reads is a fixed number: a mean that is subtracted. Where
 * it has them in Constant nodes, as PaddlePaddle writes, those are told apart no better than initializers. This library's own files
 * (`fixesConstants`) hold in Constant nodes what is never learned.
 */
export function weightsOf(
  nodes: readonly ImportNode[],
  { initializers, constants }: Stored,
  fixesConstants: boolean,
): { values: Map<string, Value>; tensors: Map<string, Tensor> } {
  const roles = rolesOf(nodes);
  const inInitializers = [...initializers].some(([name, value]) => {
    const role = roles.get(name);
    return role !== undefined && !role.loose && isWeight(value, role);
  });
  const values = new Map<string, Value>();
  const tensors = new Map<string, Tensor>();
  const own = (name: string, value: HostArray, { kind }: Role, called: string): void => {
    const tensor =
      kind === 'parameter'
        ? new Parameter(value.data, value.shape)
        : buffer(() => Tensor.from(value.data, value.shape));
    values.set(name, tensor);
    let free = called;
    for (let i = 1; tensors.has(free); i++) free = `${called}_${i}`;
    tensors.set(free, tensor);
  };
  for (const [name, value] of initializers) {
    const role = roles.get(name);
    if (role !== undefined && isWeight(value, role)) own(name, value, role, name);
    else values.set(name, value);
  }
  for (const [name, value] of constants) {
    const role = roles.get(name);
    const fixed = fixesConstants || (role?.loose && inInitializers);
    if (role !== undefined && !fixed && isWeight(value, role)) own(name, value, role, sayingName(name, role));
    else values.set(name, value);
  }
  return { values, tensors };
}

/** A single number scales or shifts images; it is no weight. */
function isWeight({ data, shape, integer }: HostArray, { kind, loose }: Role): boolean {
  if (integer && kind === 'parameter') return false;
  return loose ? data.length !== 1 || shape.length > 1 : data.length !== 1 || shape.length > 0;
}

/** The role of each value that a weight may be, or is passed on to be. */
function rolesOf(nodes: readonly ImportNode[]): Map<string, Role> {
  const roles = new Map<string, Role>();
  const add = (node: ImportNode, places: readonly number[] | undefined, kind: Role['kind'], loose: boolean): void => {
    for (const at of places ?? []) {
      const name = node.proto.inputs[at];
      const known = name ? roles.get(name) : undefined;
      if (name && (known === undefined || known.loose)) {
        roles.set(name, { kind, loose, name: `${placeOf(node)}.${partOf(node.proto.opType, at)}` });
      }
    }
  };
  for (const node of nodes.toReversed()) {
    const { opType, inputs, outputs } = node.proto;
    if (arithmetic[opType])
      for (const at of arithmetic[opType]) if (!roles.has(inputs[at])) add(node, [at], 'parameter', true);
    add(node, learned[opType], 'parameter', false);
    add(node, kept[opType], 'buffer', false);
    const role = roles.get(outputs[0]);
    if (passing.has(opType) && role !== undefined && inputs[0] && !roles.has(inputs[0])) roles.set(inputs[0], role);
  }
  return roles;
}

/** `layer1.conv1` of `/layer1/conv1/Conv`; the output's name where the node has none. */
function placeOf({ proto }: ImportNode): string {
  const parts = (proto.name || proto.outputs[0]).split('/').filter((part) => part !== '');
  const place = parts.length > 1 && parts.at(-1)?.startsWith(proto.opType) ? parts.slice(0, -1) : parts;
  return place.join('.').replaceAll(':', '_') || proto.opType;
}

function partOf(opType: string, at: number): string {
  if (opType === 'BatchNormalization' && at > 2) return at === 3 ? 'running_mean' : 'running_var';
  return at === 2 || opType === 'Add' || opType === 'Sub' ? 'bias' : 'weight';
}

/** The name of a Constant's value, or that of its role where exporters number values. */
function sayingName(name: string, role: Role): string {
  return /^[\d:]*$|(^|[/.:_])(Constant|const)(_?\d+)?([/._]?output)?([_:]\d+)*$|^onnx::/i.test(name) ? role.name : name;
}

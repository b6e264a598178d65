import { buffer } from '../layers/module.js';
import { checkOptions } from '../tensor/checkOptions.js';
import { FormatError } from '../tensor/errors.js';
import { Parameter } from '../tensor/parameter.js';
import { Tensor } from '../tensor/tensor.js';
import { decodeModel } from './decode.js';
import { activations } from './importActivations.js';
import { elementwise } from './importElementwise.js';
import { images } from './importImages.js';
import { layers } from './importLayers.js';
import { logic } from './importLogic.js';
import { moves } from './importMoves.js';
import { ImportNode, type ImportOp } from './importNode.js';
import { reductions } from './importReductions.js';
import { resizing } from './importResize.js';
import { constant, shapes } from './importShapes.js';
import { OnnxModule, type Step } from './onnxModule.js';
import type { GraphProto, NodeProto } from './proto.js';
import { type ReadExternal, valuesOf } from './tensorValues.js';
import type { HostArray, Value } from './values.js';

export interface ImportOnnxOptions {
  /** Gives the bytes of a file that the weights lie in, by the name that the model has for it. */
  externalData?: ReadExternal | undefined;
  /** The name of the value that the module returns, to cut a network before its end. Default: the graph's first output. */
  output?: string | undefined;
}

const table: Record<string, ImportOp> = {
  ...activations,
  ...elementwise,
  ...images,
  ...layers,
  ...logic,
  ...moves,
  ...reductions,
  ...resizing,
  ...shapes,
};

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
  Add: [0, 1],
  Sub: [0, 1],
  Mul: [0, 1],
  Div: [0, 1],
  PRelu: [1],
};

/** What only passes a weight on. */
const passing = new Set(['Identity', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Cast']);

/**
 * Reads an image classifier from an ONNX file as a module that runs, trains and saves like any other. Weights become parameters
 * under their names in the file (with capitals written as in a state dict), running statistics buffers.
 *
 * PyTorch's exporter folds batch normalisation into convolutions unless it is told `training=TrainingMode.PRESERVE`: such a file is
 * the same function, but trains without it.
 *
 * Throws `FormatError` for bytes that are no ONNX model, are cut off or damaged, and for an operator that is not read: it names the
 * operator and the node. Memory stays in proportion to the file.
 *
 * @example
 * const model = importOnnx(readFileSync('resnet18.onnx'));
 * model.predict(x).shape; // [1, 1000]
 */
export function importOnnx(bytes: Uint8Array, options: ImportOnnxOptions = {}): OnnxModule {
  checkOptions('importOnnx', options, ['externalData', 'output']);
  const { graph, opset } = decodeModel(bytes);
  const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const inputs = graph.inputs.filter(({ name }) => !stored.has(name));
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => `'${name}'`).join(', ');
    throw new FormatError(
      `importOnnx: the graph has ${inputs.length} inputs (${names || 'none'}), but a module takes one.`,
    );
  }
  const input = inputs[0].name;
  const output = options.output ?? graph.outputs[0]?.name ?? '';
  const nodes = neededNodes(graph, output).map((proto) => new ImportNode(proto, opset, options.externalData));
  expectOrder(nodes, new Set([input, ...stored.keys()]), output);

  const initializers = new Map<string, HostArray>();
  const used = new Set(nodes.flatMap(({ proto }) => proto.inputs));
  for (const [name, tensor] of stored)
    if (used.has(name)) initializers.set(name, valuesOf(tensor, options.externalData));
  const fixed = new Map<string, Value>();
  const running = nodes.filter((node) => {
    if (node.proto.opType !== 'Constant') return true;
    fixed.set(node.proto.outputs[0], constant(node));
    return false;
  });
  const { values, tensors } = own(running, initializers, fixed);
  const steps = running.map((node, i): Step => {
    const { inputs, outputs } = node.proto;
    const { title } = node;
    const run = table[node.proto.opType](node);
    return { title, run, inputs, outputs, spent: spentAfter(running, i, values, output) };
  });
  return new OnnxModule({ input, output, steps, values }, tensors);
}

/** The nodes that the output depends on, in the file's order. */
function neededNodes(graph: GraphProto, output: string): NodeProto[] {
  const needed = new Set([output]);
  const kept = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => name !== '' && needed.has(name))) return false;
    for (const name of node.inputs) needed.add(name);
    return true;
  });
  return kept.reverse();
}

/** Throws unless every node is read here and gets only values that were made before it. */
function expectOrder(nodes: readonly ImportNode[], known: Set<string>, output: string): void {
  for (const node of nodes) {
    const { opType, domain, inputs, outputs } = node.proto;
    if (!Object.hasOwn(table, opType) && opType !== 'Constant') throw node.error('has an operator that is not read');
    if (domain !== '' && domain !== 'ai.onnx')
      throw node.error(`belongs to the operators of '${domain}', which are not read`);
    for (const name of inputs) {
      if (name !== '' && !known.has(name)) throw node.error(`needs '${name}', which nothing before it makes`);
    }
    for (const name of outputs) known.add(name);
  }
  if (!known.has(output)) throw new FormatError(`importOnnx: nothing in the graph makes the output '${output}'.`);
}

/** Makes parameters and buffers of the initialisers that are weights; the others, and what nodes hold, stay numbers. */
function own(
  nodes: readonly ImportNode[],
  initializers: ReadonlyMap<string, HostArray>,
  fixed: ReadonlyMap<string, Value>,
): { values: Map<string, Value>; tensors: Map<string, Tensor> } {
  const kinds = new Map<string, 'parameter' | 'buffer'>();
  for (const { proto } of [...nodes].reverse()) {
    const { opType, inputs, outputs } = proto;
    for (const at of learned[opType] ?? []) if (inputs[at]) kinds.set(inputs[at], 'parameter');
    if (opType === 'BatchNormalization') for (const name of inputs.slice(3, 5)) kinds.set(name, 'buffer');
    const kind = kinds.get(outputs[0]);
    if (passing.has(opType) && kind !== undefined) kinds.set(inputs[0], kind);
  }
  const values = new Map(fixed);
  const tensors = new Map<string, Tensor>();
  for (const [name, value] of initializers) {
    const kind = kinds.get(name);
    // A single number scales or shifts images; it is no weight.
    if (kind === undefined || value.integer || (value.data.length === 1 && value.shape.length === 0)) {
      values.set(name, value);
      continue;
    }
    const tensor =
      kind === 'parameter'
        ? new Parameter(value.data, value.shape)
        : buffer(() => Tensor.from(value.data, value.shape));
    values.set(name, tensor);
    tensors.set(name, tensor);
  }
  return { values, tensors };
}

/** What node i is the last to read, or makes in vain. */
function spentAfter(
  nodes: readonly ImportNode[],
  i: number,
  values: ReadonlyMap<string, Value>,
  output: string,
): string[] {
  const { inputs, outputs } = nodes[i].proto;
  const names = new Set([...inputs, ...outputs].filter((name) => name !== '' && name !== output && !values.has(name)));
  for (let later = i + 1; later < nodes.length && names.size > 0; later++) {
    for (const name of nodes[later].proto.inputs) names.delete(name);
  }
  return [...names];
}

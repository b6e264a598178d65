import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { FormatError } from '../base/errors.js';
import type { Graph } from '../graph/graph.js';
import { usualBudget, withBudget } from './budget.js';
import { decodeModel } from './decode.js';
import { exportGraph } from './exportGraph.js';
import { foldConstants } from './foldConstants.js';
import { activations } from './importActivations.js';
import { choices } from './importChoices.js';
import { elementwise } from './importElementwise.js';
import { images } from './importImages.js';
import { layers } from './importLayers.js';
import { logic } from './importLogic.js';
import { moves } from './importMoves.js';
import { ImportNode, type ImportOp } from './importNode.js';
import { pools } from './importPools.js';
import { quantized } from './importQuantized.js';
import { reductions } from './importReductions.js';
import { resizing } from './importResize.js';
import { constant, shapes } from './importShapes.js';
import { expectKnownAttributes } from './knownAttributes.js';
import { neededNodes } from './nodeOrder.js';
import { OnnxModule } from './onnxModule.js';
import type { GraphProto } from './proto.js';
import type { Step } from './step.js';
import { type ReadExternal, valuesOf } from './tensorValues.js';
import type { HostArray, Value } from './values.js';
import { weightsOf } from './weights.js';

/** Options of `importOnnx`. */
export interface ImportOnnxOptions {
  /** Gives the bytes of a file that the weights lie in, by the name that the model has for it. */
  externalData?: ReadExternal | undefined;
  /** The name of the value that the module returns, to cut a network before its end. Default: the graph's first output. */
  output?: string | undefined;
  /**
   * The bytes that the values of the graph may take while it runs. Default: 128 MiB, 16 times the bytes of the file and 1,024
   * times those of the input, which no sound classifier needs: a damaged or hostile file is refused before it fills the memory.
   */
  maxMemory?: number | undefined;
}

const table: Record<string, ImportOp> = {
  ...activations,
  ...choices,
  ...elementwise,
  ...images,
  ...layers,
  ...logic,
  ...moves,
  ...pools,
  ...quantized,
  ...reductions,
  ...resizing,
  ...shapes,
};

/**
 * Reads an image classifier from an ONNX file as a module that runs, trains and saves like any other. Weights become parameters
 * under their names in the file (with capitals written as in a state dict), running statistics buffers.
 *
 * PyTorch's exporter folds batch normalization into convolutions unless it is told `training=TrainingMode.PRESERVE`: such a file is
 * the same function, but trains without it.
 *
 * Throws `FormatError` for bytes that are no ONNX model, are cut off or damaged, and for an operator that is not read: it names the
 * operator and the node. Memory stays in proportion to the file; `predict` throws `OutOfMemoryError` or `FormatError` for a graph that
 * would take more than `maxMemory`.
 *
 * @example
 * const model = importOnnx(readFileSync('resnet18.onnx'));
 * model.predict(x).shape; // [1, 1000]
 */
export function importOnnx(bytes: Uint8Array, options: ImportOnnxOptions = {}): OnnxModule {
  checkOptions('importOnnx', options, ['externalData', 'output', 'maxMemory']);
  const { maxMemory } = options;
  if (maxMemory !== undefined) checkWhole('importOnnx', 'maxMemory', maxMemory, 1);
  return withBudget(maxMemory ?? usualBudget(bytes.length, 0), () => read(bytes, options, foldConstants));
}

/** @internal As `importOnnx`, with quantized weights as the file holds them: whole numbers that its operations turn into floats. */
export function importStored(bytes: Uint8Array, options: ImportOnnxOptions = {}): OnnxModule {
  const fold: typeof foldConstants = (nodes, stepOf, constants) => {
    const isDecoding = ({ proto }: ImportNode): boolean => proto.opType === 'DequantizeLinear';
    const kept = new Set(
      foldConstants(
        nodes.filter((node) => !isDecoding(node)),
        stepOf,
        constants,
      ),
    );
    return nodes.filter((node) => isDecoding(node) || kept.has(node));
  };
  return withBudget(usualBudget(bytes.length, 0), () => read(bytes, options, fold));
}

/** The texts that an ONNX file carries beside its graph (`metadata_props`). Throws `FormatError` for what is no ONNX file. */
export function readOnnxMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  return decodeModel(bytes).metadata ?? {};
}

function read(
  bytes: Uint8Array,
  { externalData, output: wanted, maxMemory }: ImportOnnxOptions,
  fold: typeof foldConstants,
): OnnxModule {
  const { graph, opset, producerName } = decodeModel(bytes);
  const output = wanted ?? graph.outputs[0]?.name ?? '';
  const { nodes: needed, given } = neededNodes(graph, output);
  const nodes = needed.map((proto) => new ImportNode(proto, opset, externalData));
  for (const node of nodes) expectOperator(node);
  const stored = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const input = inputOf(graph, nodes, given, stored, output);

  const initializers = new Map<string, HostArray>();
  for (const [name, tensor] of stored) if (given.has(name)) initializers.set(name, valuesOf(tensor, externalData));
  const constants = new Map<string, HostArray>();
  for (const node of nodes) if (node.proto.opType === 'Constant') constants.set(node.proto.outputs[0], constant(node));
  const moving = nodes.filter(({ proto }) => proto.opType !== 'Constant');
  const stepOf = (node: ImportNode, spent: readonly string[] = []): Step => {
    const { opType, inputs, outputs } = node.proto;
    return { title: node.title, opType, run: table[opType](node), inputs, outputs, spent };
  };
  const known = new Map([...initializers, ...constants]);
  const running = fold(moving, stepOf, known);
  for (const [name, array] of known) if (!initializers.has(name)) constants.set(name, array);
  const { values, tensors } = weightsOf(running, { initializers, constants }, producerName === 'stridenet');
  const spent = spentAfter(running, values, output);
  const steps = running.map((node, i) => stepOf(node, spent[i]));
  let storedBytes = 0;
  for (const array of initializers.values()) storedBytes += 4 * array.data.length;
  const fileBytes = Math.max(bytes.length, storedBytes);
  const rewrite = (graph: Graph, twin: Graph): OnnxModule => importOnnx(exportGraph(graph, twin), { maxMemory });
  return new OnnxModule({ input, output, steps, values, fileBytes, maxMemory, rewrite }, tensors);
}

/** Throws for a node that is not read here. */
function expectOperator(node: ImportNode): void {
  const { opType, domain } = node.proto;
  if (domain !== '' && domain !== 'ai.onnx') {
    throw node.error(`belongs to the operators of '${domain}', which are not read`);
  }
  if (!Object.hasOwn(table, opType)) throw node.error('has an operator that is not read');
  expectKnownAttributes(node);
}

/** The one input that the output depends on. Throws where there are others, or a value that nothing makes. */
function inputOf(
  graph: GraphProto,
  nodes: readonly ImportNode[],
  given: ReadonlySet<string>,
  stored: ReadonlyMap<string, unknown>,
  output: string,
): string {
  const inputs = graph.inputs.map(({ name }) => name).filter((name) => !stored.has(name));
  for (const name of given) {
    if (stored.has(name) || inputs.includes(name)) continue;
    const reader = nodes.find(({ proto }) => proto.inputs.includes(name));
    if (reader) throw reader.error(`needs '${name}', which nothing before it makes`);
    throw new FormatError(`importOnnx: nothing in the graph makes the output '${output}'.`);
  }
  const used = inputs.filter((name) => given.has(name));
  // A graph of constants alone takes what it has and does not read it.
  const [input] = used.length === 0 ? inputs : used;
  if (used.length > 1 || input === undefined) {
    const names = used.map((name) => `'${name}'`).join(', ');
    throw new FormatError(
      `importOnnx: the output '${output}' depends on ${used.length} inputs (${names || 'none'}), but a module takes one. Name another output, or another value of the graph, with the option output.`,
    );
  }
  return input;
}

/** For each node, what it is the last to read, or makes in vain. */
function spentAfter(nodes: readonly ImportNode[], values: ReadonlyMap<string, Value>, output: string): string[][] {
  const last = new Map<string, number>();
  for (const [i, { proto }] of nodes.entries())
    for (const name of [...proto.inputs, ...proto.outputs]) last.set(name, i);
  const spent = nodes.map((): string[] => []);
  for (const [name, i] of last) if (name !== '' && name !== output && !values.has(name)) spent[i].push(name);
  return spent;
}

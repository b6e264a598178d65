import { checkOptions } from '../base/checkOptions.js';
import { withoutInit } from '../layers/withoutInit.js';
import { isRecord, refuse } from './config.js';
import { GraphBuilder, keyOf, operations } from './graph/buildGraph.js';
import { shortNames } from './graph/graphNames.js';
import { GraphNode, readNodes, type Source, sourceOf } from './graph/graphNode.js';
import { isGraphModel, readManifest, readRoot } from './modelJson.js';
import { type GraphStep, TfjsGraphModel } from './tfjsGraphModel.js';
import { readWeights, type TfjsShards } from './weights.js';

/** Options of `importTfjsGraphModel`. */
export interface ImportTfjsGraphOptions {
  /** Takes a softmax at the end away, so that the model gives logits, as losses here want them. Default false. */
  logits?: boolean | undefined;
  /** The output to give, by its name in the signature, or the name of a node, to cut a network before its end. Default: all, the first one first. */
  output?: string | undefined;
}

/** What changes nothing of which class is the largest, between a softmax and the output. */
const handsOn = new Set(['Identity', 'StopGradient', 'Snapshot', 'Reshape', 'Squeeze', 'EnsureShape', 'CheckNumerics']);

/**
 * Reads a TensorFlow.js graph model: the operations of a frozen SavedModel, as TensorFlow Hub and tfjs's converter write them by default.
 * `model.json` (its text, bytes or parsed JSON) and the shards of weights, as a list in the order of its manifest or as a function that
 * gives each by its path there.
 *
 * Constant weights of convolutions, dense layers and batch norms become modules, named after their nodes without the scopes that all have
 * in common: `MobilenetV2/Conv.weight` [O, I, H, W]. What else is learned is a parameter of its constant's name. The converter folds
 * batch norms into convolutions; such a model is the same function, but trains without them.
 *
 * Shapes: x [N, C, H, W], where TensorFlow has [N, H, W, C] -> the first output, of three axes and more with its channels second.
 * `predictOutputs` gives all by name.
 *
 * Throws `FormatError` for files that are damaged or do not fit each other, a layers model, and an operation that is not read: it names
 * the operation and the node. What does not fit when it runs is one too, with the node's name.
 *
 * @example
 * const model = await importTfjsGraphModel(await readFile('model.json', 'utf8'), (path) => readFile(join(folder, path)));
 * model.predict(Tensor.zeros([1, 3, 224, 224])).shape; // [1, 5]
 */
export async function importTfjsGraphModel(
  modelJson: string | Uint8Array | object,
  shards: TfjsShards,
  options: ImportTfjsGraphOptions = {},
): Promise<TfjsGraphModel> {
  checkOptions('importTfjsGraphModel', options, ['logits', 'output']);
  const root = readRoot(modelJson);
  if (!isGraphModel(root)) {
    refuse('model.json holds layers, not a graph. Call importTfjsLayersModel, or importTfjsModel, which takes both.');
  }
  const nodes = readNodes(root.modelTopology);
  const outputs = outputsOf(root, nodes, options.output);
  if (options.logits) for (const source of outputs.values()) dropSoftmax(nodes, source);
  const order = ordered(nodes, [...outputs.values()]);
  for (const node of order) {
    if (Object.hasOwn(operations, node.op) || ['Const', 'Placeholder', 'NoOp'].includes(node.op)) continue;
    node.refuse('has an operation that is not read. Cut the model before it with { output }, or convert it to ONNX');
  }
  const placeholders = order.filter(({ op }) => op === 'Placeholder');
  if (placeholders.length !== 1) {
    const names = placeholders.map(({ name }) => `'${name}'`).join(', ');
    refuse(
      `the outputs need ${placeholders.length} inputs (${names || 'none'}), but a module takes one. Choose another { output }.`,
    );
  }
  const manifest = readManifest(root);
  const integers = new Set(
    manifest.flatMap(({ weights }) => weights.filter(({ dtype }) => dtype !== 'float32').map(({ name }) => name)),
  );
  const stored = await readWeights(manifest, shards);
  const weighted = order.filter(({ op }) => /Conv2|MatMul|BatchNorm/.test(op)).map(({ name }) => name);
  const kept = new Set([...outputs.values()].map(({ node }) => node));
  const needed = new Map(order.map((node) => [node.name, node]));
  const builder = new GraphBuilder(needed, stored, integers, shortNames(weighted), kept);
  const drafts = withoutInit(() => builder.steps(order));
  for (const source of outputs.values()) builder.holdOutput(source);
  const [input] = placeholders;
  const { modules, constants } = builder;
  const keys = new Map([...outputs].map(([name, source]) => [name, keyOf(source)]));
  return new TfjsGraphModel({
    modules,
    steps: withSpent(drafts, new Set([...keys.values(), ...constants.keys()])),
    constants,
    input: {
      name: input.name,
      value: keyOf({ node: input.name, output: 0 }),
      shape: input.shape('shape'),
      integer: /INT|BOOL/.test(input.type('dtype')),
    },
    outputs: keys,
  });
}

/** What the model gives, by name: as its signature says, or what nothing reads. */
function outputsOf(
  root: Record<string, unknown>,
  nodes: ReadonlyMap<string, GraphNode>,
  output?: string,
): Map<string, Source> {
  const metadata = isRecord(root.userDefinedMetadata) ? root.userDefinedMetadata : {};
  const signature = isRecord(root.signature) ? root.signature : metadata.signature;
  const given = isRecord(signature) && isRecord(signature.outputs) ? Object.entries(signature.outputs) : [];
  let found = new Map(
    given.map(([key, info]): [string, Source] => [
      key,
      sourceNamed(isRecord(info) && typeof info.name === 'string' ? info.name : key),
    ]),
  );
  if (found.size === 0) {
    const read = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(({ node }) => node)));
    const ends = [...nodes.values()].filter(
      ({ name, op }) => !read.has(name) && op !== 'Const' && op !== 'NoOp' && op !== 'Placeholder',
    );
    found = new Map(ends.map(({ name }): [string, Source] => [name, { node: name, output: 0 }]));
  }
  if (output !== undefined) {
    const named =
      found.get(output) ?? [...found.values()].find((source) => keyOf(source) === output) ?? sourceNamed(output);
    if (!nodes.has(named.node))
      refuse(`there is no output and no node '${output}'. The outputs are ${[...found.keys()].join(', ')}.`);
    return new Map([[output, named]]);
  }
  if (found.size === 0) refuse('the graph has no output. Name a node with { output }.');
  for (const [name, { node }] of found)
    if (!nodes.has(node)) refuse(`the output '${name}' comes from node '${node}', which is not there.`);
  return found;
}

function sourceNamed(name: string): Source {
  return sourceOf(name) ?? refuse(`'${name}' is no name of an output.`);
}

/** Lets what a softmax at the end was given be the output. */
function dropSoftmax(nodes: Map<string, GraphNode>, output: Source): void {
  let node = nodes.get(output.node);
  for (let i = 0; node !== undefined && handsOn.has(node.op) && i < 64; i++)
    node = nodes.get(node.inputs[0]?.node ?? '');
  if (node?.op !== 'Softmax') return;
  nodes.set(node.name, new GraphNode(node.name, 'Identity', node.inputs, node.attributes));
}

/** The nodes that the outputs depend on, each after what it needs. */
function ordered(nodes: ReadonlyMap<string, GraphNode>, outputs: readonly Source[]): GraphNode[] {
  const order: GraphNode[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const stack = outputs.map(({ node }) => node).reverse();
  while (stack.length > 0) {
    const name = stack[stack.length - 1];
    const node = nodes.get(name);
    if (node === undefined) return refuse(`a node gets its input from '${name}', which is not there.`);
    if (state.get(name) === undefined) {
      state.set(name, 'open');
      for (const { node: from } of node.inputs.toReversed()) {
        if (state.get(from) === 'open') node.refuse('depends on its own output');
        if (state.get(from) === undefined) stack.push(from);
      }
      continue;
    }
    stack.pop();
    if (state.get(name) === 'done') continue;
    state.set(name, 'done');
    order.push(node);
  }
  return order;
}

/** Adds to each step what it is the last to read, or makes in vain. */
function withSpent(drafts: readonly Omit<GraphStep, 'spent'>[], kept: ReadonlySet<string>): GraphStep[] {
  const last = new Map<string, number>();
  for (const [i, { inputs, outputs }] of drafts.entries())
    for (const name of [...inputs, ...outputs]) last.set(name, i);
  return drafts.map((draft, i) => {
    const names = new Set([...draft.inputs, ...draft.outputs]);
    return { ...draft, spent: [...names].filter((name) => last.get(name) === i && !kept.has(name)) };
  });
}

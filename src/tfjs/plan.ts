import { isRecord, isWhole, type LayerConfig, layerConfig, quote, refuse, snakeKeys } from './config.js';

/** One use of a layer. Values are numbered. */
export interface Call {
  layer: LayerConfig;
  inputs: readonly number[];
  output: number;
}

/** What a model does with its input, value 0, in an order in which it can be done. */
export interface Plan {
  calls: readonly Call[];
  output: number;
  /** [batch, height, width, channels] as the file has it; null where any size fits. */
  inputShape: readonly (number | null)[];
}

const sequential = new Set(['Sequential']);
const functional = new Set(['Model', 'Functional']);

/** Models in models in models; more is a damaged file. */
const DEEPEST = 16;
const MOST_CALLS = 20_000;

/**
 * Lays a topology out as a list of calls; models inside of models dissolve in it. `output` names the layer to end with.
 *
 * Throws `FormatError` for several inputs or outputs, layers that are not there, and circles.
 */
export function planOf(model: LayerConfig, output?: string): Plan {
  if (!isModel(model)) {
    refuse(`the topology is a ${model.className}, but must be a Sequential, Model or Functional.`);
  }
  const planner = new Planner();
  const outputs = planner.run(model, [0], 0, output);
  if (outputs.length !== 1)
    refuse(`the model has ${outputs.length} outputs, but a module has one. Choose a layer with { output }.`);
  return { calls: planner.calls, output: outputs[0], inputShape: inputShapeOf(model, 0) };
}

function isModel({ className }: LayerConfig): boolean {
  return sequential.has(className) || functional.has(className);
}

/** Layers by the JSON object they come from: a model that is used twice has the same layers both times. */
const parsedLayers = new WeakMap<LayerConfig, LayerConfig[]>();

function layersOf(model: LayerConfig): LayerConfig[] {
  const known = parsedLayers.get(model);
  if (known !== undefined) return known;
  const { layers } = model.options;
  if (!Array.isArray(layers) || layers.length === 0)
    model.refuse(`has the layers ${quote(layers)}, but needs a list of some`);
  const path = [...model.path, model.name];
  const configs = layers.map((layer) => layerConfig(layer, path, model.dialect));
  const names = new Set<string>();
  for (const { name } of configs) {
    if (names.has(name)) model.refuse(`has two layers named '${name}'`);
    names.add(name);
  }
  parsedLayers.set(model, configs);
  return configs;
}

/** Where a value comes from: a use of a layer, and which of its outputs. */
interface Reference {
  layer: string;
  node: number;
  tensor: number;
}

class Planner {
  readonly calls: Call[] = [];
  #values = 1;

  run(model: LayerConfig, inputs: readonly number[], depth: number, output?: string): number[] {
    if (depth > DEEPEST) model.refuse(`lies ${depth} models deep, but at most ${DEEPEST} are read`);
    if (functional.has(model.className)) return this.#functional(model, inputs, depth, output);
    if (inputs.length !== 1) model.refuse(`gets ${inputs.length} inputs, but takes one`);
    return this.#sequential(model, inputs[0], depth, output);
  }

  #sequential(model: LayerConfig, input: number, depth: number, output?: string): number[] {
    const layers = layersOf(model);
    const last = output === undefined ? layers.length - 1 : layers.findIndex(({ name }) => name === output);
    if (last < 0) refuseOutput(output, layers);
    let values = [input];
    for (const layer of layers.slice(0, last + 1)) {
      if (layer.className !== 'InputLayer') values = this.#apply(layer, values, depth);
    }
    return values;
  }

  #functional(model: LayerConfig, inputs: readonly number[], depth: number, output?: string): number[] {
    const layers = new Map(layersOf(model).map((layer) => [layer.name, layer]));
    const entrances = references(model, 'input_layers');
    if (entrances.length !== inputs.length) {
      const names = entrances.map(({ layer }) => `'${layer}'`).join(', ');
      model.refuse(`has ${entrances.length} inputs (${names}), but gets ${inputs.length}`);
    }
    if (output !== undefined && !layers.has(output)) refuseOutput(output, [...layers.values()]);
    const numbered = firstUses([...layers.values()], model);
    const exits =
      output === undefined
        ? references(model, 'output_layers')
        : [{ layer: output, node: numbered.get(output) ?? 0, tensor: 0 }];
    const values = new Map(entrances.map((entrance, i) => [keyOf(entrance), [inputs[i]]]));
    for (const use of ordered(layers, exits, new Set(values.keys()), numbered)) {
      const given = use.from.map((reference) => resolved(values, reference));
      values.set(keyOf(use), this.#apply(use.config, given, depth));
    }
    return exits.map((reference) => resolved(values, reference));
  }

  #apply(layer: LayerConfig, inputs: readonly number[], depth: number): number[] {
    if (isModel(layer)) return this.run(layer, inputs, depth + 1);
    if (this.calls.length >= MOST_CALLS) refuse(`the model has more than ${MOST_CALLS} layers. The file is damaged.`);
    const output = this.#values++;
    this.calls.push({ layer, inputs, output });
    return [output];
  }
}

function keyOf({ layer, node }: { layer: string; node: number }): string {
  return `${node} ${layer}`;
}

function resolved(values: ReadonlyMap<string, number[]>, reference: Reference): number {
  const value = values.get(keyOf(reference))?.[reference.tensor];
  if (value === undefined) refuse(`layer '${reference.layer}' has no output ${reference.tensor}.`);
  return value;
}

function refuseOutput(output: string | undefined, layers: readonly LayerConfig[]): never {
  return refuse(`there is no layer '${output}'. The model has ${layers.map(({ name }) => name).join(', ')}.`);
}

interface Use {
  layer: string;
  node: number;
  config: LayerConfig;
  from: Reference[];
}

/** The uses of layers that the exits depend on, each after what it needs. */
function ordered(
  layers: ReadonlyMap<string, LayerConfig>,
  exits: Reference[],
  given: ReadonlySet<string>,
  numbered: ReadonlyMap<string, number>,
): Use[] {
  const uses = new Map<string, Use>();
  const open = [...exits];
  for (let reference = open.pop(); reference !== undefined; reference = open.pop()) {
    const key = keyOf(reference);
    if (given.has(key) || uses.has(key)) continue;
    const config = layers.get(reference.layer);
    if (config === undefined) refuse(`a layer gets its input from '${reference.layer}', which is not there.`);
    const { layer, node } = reference;
    // The uses of a model inside are counted from 1: its first node is its own making.
    const place = isModel(config) ? node - (numbered.get(layer) ?? 0) : node;
    const use = { layer, node, config, from: inbound(config, place) };
    uses.set(key, use);
    open.push(...use.from);
  }
  const waiting = new Map<string, number>();
  const followers = new Map<string, Use[]>();
  const ready: Use[] = [];
  for (const [key, use] of uses) {
    const needs = new Set(use.from.map(keyOf).filter((needed) => !given.has(needed)));
    waiting.set(key, needs.size);
    if (needs.size === 0) ready.push(use);
    for (const needed of needs) {
      const list = followers.get(needed);
      if (list === undefined) followers.set(needed, [use]);
      else list.push(use);
    }
  }
  const order: Use[] = [];
  for (let use = ready.pop(); use !== undefined; use = ready.pop()) {
    order.push(use);
    for (const follower of followers.get(keyOf(use)) ?? []) {
      const key = keyOf(follower);
      const left = (waiting.get(key) ?? 0) - 1;
      waiting.set(key, left);
      if (left === 0) ready.push(follower);
    }
  }
  if (order.length < uses.size) {
    const stuck = [...uses.values()].find((use) => (waiting.get(keyOf(use)) ?? 0) > 0);
    stuck?.config.refuse('depends on its own output');
  }
  return order;
}

/** The lowest number of a use by which each layer is referred to. */
function firstUses(layers: readonly LayerConfig[], model: LayerConfig): Map<string, number> {
  const lowest = new Map<string, number>();
  const see = ({ layer, node }: Reference): void => {
    lowest.set(layer, Math.min(node, lowest.get(layer) ?? node));
  };
  references(model, 'output_layers').forEach(see);
  for (const layer of layers) {
    const uses = Array.isArray(layer.inboundNodes) ? layer.inboundNodes.length : 0;
    for (let node = 0; node < uses; node++) inbound(layer, node).forEach(see);
  }
  return lowest;
}

/** Where a use of a layer gets its inputs from. */
function inbound(layer: LayerConfig, node: number): Reference[] {
  const nodes = layer.inboundNodes;
  const entries: unknown = Array.isArray(nodes) ? nodes[node] : undefined;
  const from: Reference[] = [];
  if (isRecord(entries)) collectHistories(layer, [entries.args, entries.kwargs], from);
  else if (Array.isArray(entries)) {
    // A single input may stand without the list around it.
    const list = typeof entries[0] === 'string' ? [entries] : entries;
    for (const entry of list) from.push(reference(layer, 'inbound_nodes', entry));
  }
  if (from.length === 0) {
    layer.refuse(`has the inbound_nodes ${quote(nodes)}, but needs the inputs of its use ${node}`);
  }
  return from;
}

/** The tensors among the arguments of a call as Keras 3 writes it, however deep they lie, in their order. */
function collectHistories(layer: LayerConfig, value: unknown, found: Reference[], depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEEPEST) layer.refuse('has inbound_nodes that lie too deep. The file is damaged');
  if (!Array.isArray(value)) {
    const { class_name, config } = snakeKeys(value as Record<string, unknown>);
    if (class_name === '__keras_tensor__') {
      const { keras_history } = snakeKeys(isRecord(config) ? config : {});
      found.push(reference(layer, 'inbound_nodes', keras_history));
      return;
    }
  }
  for (const inner of Object.values(value)) collectHistories(layer, inner, found, depth + 1);
}

function references(model: LayerConfig, option: string): Reference[] {
  const given = model.options[option];
  const list = isRecord(given) ? Object.values(given) : given;
  if (!Array.isArray(list) || list.length === 0) model.refuse(`has the ${option} ${quote(list)}, but needs a list`);
  // A single one may stand without the list around it.
  return (typeof list[0] === 'string' ? [list] : list).map((entry) => reference(model, option, entry));
}

function reference(owner: LayerConfig, option: string, entry: unknown): Reference {
  const [layer, node = 0, tensor = 0] = Array.isArray(entry) ? entry : [];
  if (typeof layer !== 'string' || !isWhole(node, 0) || !isWhole(tensor, 0)) {
    owner.refuse(`has ${quote(entry)} in its ${option}, which must be [name, node, tensor]`);
  }
  return { layer, node, tensor };
}

/** The shape that the first layer tells, in a model as deep as it may lie. */
function inputShapeOf(model: LayerConfig, depth: number): (number | null)[] {
  if (depth > DEEPEST) model.refuse(`lies ${depth} models deep, but at most ${DEEPEST} are read`);
  const layers = layersOf(model);
  const first = functional.has(model.className)
    ? layers.find(({ name }) => name === references(model, 'input_layers')[0].layer)
    : layers[0];
  if (first === undefined) model.refuse('has no layer of the name of its input');
  const { batch_input_shape, batch_shape, input_shape, shape: own, build_input_shape } = first.options;
  const sizes = input_shape ?? own;
  // Models as Keras 3 writes them may say what they were built for, and nothing else.
  const built = (isModel(first) ? undefined : build_input_shape) ?? model.options.build_input_shape;
  const shape = batch_input_shape ?? batch_shape ?? (Array.isArray(sizes) ? [null, ...sizes] : built);
  if (isModel(first) && batch_input_shape == null && batch_shape == null) return inputShapeOf(first, depth + 1);
  const isSize = (n: unknown): n is number | null => n === null || isWhole(n, 1);
  if (!Array.isArray(shape) || shape.length < 2 || !shape.every(isSize))
    return first.refuse(`has the batch_input_shape ${quote(shape)}, but needs the shape of the model's input`);
  return shape;
}

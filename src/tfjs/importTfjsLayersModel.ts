import { checkOptions } from '../base/checkOptions.js';
import { FormatError, StridenetError } from '../base/errors.js';
import { sizeOf } from '../base/shape.js';
import type { StateDict } from '../base/stateDict.js';
import { setArchitecture } from '../layers/architecture.js';
import type { Module } from '../layers/module.js';
import { withoutInit } from '../layers/withoutInit.js';
import { type BuildLayer, type Built, LayerWeights, type Part, type ValueInfo } from './buildLayer.js';
import { type LayerConfig, refuse } from './config.js';
import { imageLayers } from './imageLayers.js';
import { mergeLayers } from './mergeLayers.js';
import { readModelJson, readRoot } from './modelJson.js';
import { plainLayers } from './plainLayers.js';
import { type Call, type Plan, planOf } from './plan.js';
import { ChannelsLastReshape } from './shapes.js';
import { type Step, TfjsModel } from './tfjsModel.js';
import { weightedLayers } from './weightedLayers.js';
import { readWeights, type TfjsShards } from './weights.js';

/** Options of `importTfjsLayersModel`. */
export interface ImportTfjsOptions {
  /** Takes a softmax at the end away, so that the model gives logits, as losses here want them. Default false. */
  logits?: boolean | undefined;
  /** The name of the layer to end with, to cut a network before its end. Default: the model's output. */
  output?: string | undefined;
}

/** The weights of a topology in a file of ours, in bytes, at most. */
const LARGEST_MODEL = 2 ** 31;

const table: Readonly<Record<string, BuildLayer>> = {
  ...weightedLayers,
  ...imageLayers,
  ...plainLayers,
  ...mergeLayers,
};

/** What passes a flattened image on without a look at the order of its numbers. */
const anyOrder = new Set([
  'Activation',
  'ReLU',
  'LeakyReLU',
  'ELU',
  'ThresholdedReLU',
  'Softmax',
  'Dropout',
  'GaussianNoise',
  'GaussianDropout',
  'AlphaDropout',
  'Flatten',
]);

/**
 * Reads a Keras image classifier in TensorFlow.js's layers format: `model.json` (its text, bytes or parsed JSON) and the shards of
 * weights, as a list in the order of its manifest or as a function that gives each by its path there.
 *
 * The result is a module that predicts what Keras predicts, trains, saves and loads as any other. Modules bear the names of the layers,
 * an activation that belongs to a layer the name `<layer>_<activation>`; models inside of models dissolve. Weights are brought into this
 * library's order of axes, which the names in the state dict follow: `conv1.weight` [O, I, H, W] is Keras's `conv1/kernel` [H, W, I, O].
 *
 * Shapes: x [N, C, H, W], where Keras has [N, H, W, C] -> what the model gives, images again [N, C, H, W], vectors in Keras's order.
 *
 * Throws `FormatError` for files that are damaged or do not fit each other, a graph model, and a layer that is not read, which it names.
 *
 * Numerics: packed weights are unpacked as the format defines, see `readWeights`.
 *
 * @example
 * const model = await importTfjsLayersModel(await readFile('model.json', 'utf8'), (path) => readFile(join(folder, path)), { logits: true });
 * model.predict(Tensor.zeros([1, 3, 224, 224])).shape; // [1, 1000]
 */
export async function importTfjsLayersModel(
  modelJson: string | Uint8Array | object,
  shards: TfjsShards,
  options: ImportTfjsOptions = {},
): Promise<TfjsModel> {
  checkOptions('importTfjsLayersModel', options, ['logits', 'output']);
  const { model, manifest } = readModelJson(modelJson);
  const plan = planOf(model, options.output);
  for (const { layer } of plan.calls) {
    if (Object.hasOwn(table, layer.className)) continue;
    layer.refuse(`is of a class that is not read; those that are: InputLayer, ${Object.keys(table).join(', ')}`);
  }
  const weights = await readWeights(manifest, shards);
  const builder = new Builder(weights);
  const output = withoutInit(() => builder.run(plan));
  if (options.logits) builder.dropSoftmax(output);
  return setArchitecture(builder.finish(output), {
    name: 'tfjs-layers',
    options: { topology: topologyOf(modelJson), weights: manifest.flatMap(({ weights: specs }) => specs), ...options },
  });
}

/** A new model of the architecture that `architectureOf` gives for an imported one, its weights all zero. */
export function rebuildTfjsLayersModel(options: Readonly<Record<string, unknown>>): Promise<TfjsModel> {
  const { topology, weights, logits, output } = options;
  const specs = Array.isArray(weights)
    ? weights.map((spec) => ({ ...spec, dtype: 'float32', quantization: null }))
    : [];
  const bytes = specs.reduce((sum, { shape }) => sum + 4 * (Array.isArray(shape) ? sizeOf(shape) : 0), 0);
  if (!(bytes <= LARGEST_MODEL)) refuse(`the topology claims ${bytes} bytes of weights, which is not plausible.`);
  const json = { ...(topology as object), weightsManifest: [{ paths: ['zeros'], weights: specs }] };
  return importTfjsLayersModel(json, [new Uint8Array(bytes)], {
    ...(logits !== undefined && { logits: logits === true }),
    ...(output !== undefined && { output: String(output) }),
  });
}

/** The name of the layer whose output the last layer with weights reads: what to end with to get features. */
export function featureLayerOf(modelJson: string | Uint8Array | object): string {
  const { calls } = planOf(readModelJson(modelJson).model);
  const head = calls.findLast(({ layer }) => layer.className === 'Dense' || layer.className === 'Conv2D');
  const before = calls.find(({ output }) => output === head?.inputs[0]);
  return before?.layer.name ?? refuse('the model has no Dense or Conv2D layer that could be its head.');
}

/** The parts of a model.json that describe layers, without the manifest of weights. */
function topologyOf(modelJson: string | Uint8Array | object): Record<string, unknown> {
  const { modelTopology, format, generatedBy } = readRoot(modelJson);
  return { modelTopology, ...(format !== undefined && { format }), ...(generatedBy !== undefined && { generatedBy }) };
}

interface Draft extends Omit<Step, 'spent'> {
  role?: Part['role'] | undefined;
}

class Builder {
  readonly #modules = new Map<string, Module>();
  /** What became of a layer, and the names of its modules, for its second use. */
  readonly #built = new Map<LayerConfig, Built & { inputs: string; names: string[] }>();
  readonly #infos = new Map<number, ValueInfo>();
  /** The values of the plan as numbered here. */
  readonly #values = new Map<number, number>([[0, 0]]);
  #drafts: Draft[] = [];
  #next = 1;
  #inOrder: ReadonlySet<LayerConfig> = new Set();

  constructor(readonly weights: StateDict) {}

  run({ calls, output, inputShape }: Plan): number {
    this.#infos.set(0, { rank: inputShape.length, channels: inputShape[inputShape.length - 1], flatOf: null });
    this.#inOrder = layersInOrder(calls, output);
    for (const call of calls) {
      const inputs = call.inputs.map((value) => this.#values.get(value) as number);
      this.#values.set(call.output, this.#apply(call.layer, inputs));
    }
    return this.#values.get(output) as number;
  }

  /** Lets the output be what a softmax at the end was given. */
  dropSoftmax(output: number): void {
    for (let value = output; ; ) {
      const draft = this.#drafts.find((d) => d.output === value);
      if (draft === undefined || draft.role === undefined) return;
      const readers = this.#drafts.filter(({ inputs }) => inputs.includes(value));
      if (readers.length > (value === output ? 0 : 1)) return;
      if (draft.role === 'softmax') {
        // The step stays in its place and hands its input on.
        if (typeof draft.run === 'string') this.#modules.delete(draft.run);
        draft.run = ([x]) => x;
        return;
      }
      value = draft.inputs[0];
    }
  }

  finish(output: number): TfjsModel {
    const last = new Map<number, Draft>();
    for (const draft of this.#drafts) for (const value of [...draft.inputs, draft.output]) last.set(value, draft);
    const steps = this.#drafts.map((draft): Step => {
      const { run, inputs, output: made } = draft;
      const spent = [...new Set([...inputs, made])].filter((value) => last.get(value) === draft && value !== output);
      return { run, inputs, output: made, spent };
    });
    return new TfjsModel(this.#modules, steps, output);
  }

  #apply(layer: LayerConfig, inputs: readonly number[]): number {
    const infos = inputs.map((value) => this.#infos.get(value) as ValueInfo);
    const kind = JSON.stringify(infos);
    let built = this.#built.get(layer);
    if (built === undefined) {
      const made = this.#build(layer, infos);
      const names = made.parts.map(({ suffix, module }) => this.#name(layer.name + suffix, module));
      built = { ...made, inputs: kind, names };
      this.#built.set(layer, built);
    } else if (built.inputs !== kind) {
      layer.refuse(`is used for ${built.inputs} and for ${kind}, but only uses alike are read`);
    }
    if (built.merge) return this.#draft({ run: built.merge, inputs }, built.info);
    let value = inputs[0];
    for (const [i, { role }] of built.parts.entries()) {
      value = this.#draft({ run: built.names[i], inputs: [value], role }, built.info);
    }
    return value;
  }

  #build(layer: LayerConfig, inputs: readonly ValueInfo[]): Built {
    let built: Built;
    try {
      built = table[layer.className](layer, inputs, new LayerWeights(this.weights, layer));
    } catch (cause) {
      if (cause instanceof FormatError || !(cause instanceof StridenetError)) throw cause;
      return refuse(`layer ${layer.title} cannot be made: ${cause.message}`, cause);
    }
    const flattens = built.info.flatOf !== null && inputs[0].flatOf === null;
    if (!flattens || !this.#inOrder.has(layer)) return built;
    const parts = [{ suffix: '', module: new ChannelsLastReshape([-1]), role: 'shape' as const }];
    return { parts, info: { ...built.info, flatOf: null } };
  }

  #draft(draft: Omit<Draft, 'output'>, info: ValueInfo): number {
    const output = this.#next++;
    this.#drafts.push({ ...draft, output });
    this.#infos.set(output, info);
    return output;
  }

  /** Names of modules have no dots, and one that is taken already (in another model inside) gets a number. */
  #name(wanted: string, module: Module): string {
    const base = wanted.replaceAll('.', '_') || 'layer';
    let name = base;
    for (let i = 2; this.#modules.has(name) || name in module; i++) name = `${base}_${i}`;
    if (this.#modules.size > 100_000) refuse('the model has too many layers.');
    this.#modules.set(name, module);
    return name;
  }
}

/** The layers of whose output somebody sees in which order its numbers are: all but those whose numbers go to dense layers. */
function layersInOrder(calls: readonly Call[], output: number): Set<LayerConfig> {
  const seen = new Set([output]);
  const layers = new Set<LayerConfig>();
  for (const call of calls.toReversed()) {
    const inOrder = seen.has(call.output);
    if (inOrder) layers.add(call.layer);
    const passes = anyOrder.has(call.layer.className) ? !inOrder : call.layer.className === 'Dense';
    if (!passes) for (const value of call.inputs) seen.add(value);
  }
  return layers;
}

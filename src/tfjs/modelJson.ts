import { type Dialect, isRecord, isWhole, type LayerConfig, layerConfig, quote, refuse, snakeKeys } from './config.js';

/** How numbers were packed: `scale * stored + min`, or as 16-bit floats. */
export interface Quantization {
  dtype: 'uint8' | 'uint16' | 'float16';
  scale: number;
  min: number;
}

export interface WeightSpec {
  name: string;
  shape: number[];
  dtype: string;
  quantization: Quantization | null;
}

/** Weights that lie one after another in the shards. */
export interface WeightGroup {
  paths: string[];
  weights: WeightSpec[];
}

export interface ModelJson {
  model: LayerConfig;
  manifest: WeightGroup[];
}

/**
 * The parts of a model.json. Throws `FormatError` for what is no JSON, a graph model, and for a topology or a manifest that are not
 * what they should be.
 */
export function readModelJson(json: unknown): ModelJson {
  const root = readRoot(json);
  if (isGraphModel(root)) {
    refuse(
      'model.json holds a graph model, not layers. Call importTfjsGraphModel, or importTfjsModel, which takes both.',
    );
  }
  const { modelTopology } = root;
  if (!isRecord(modelTopology))
    refuse(`model.json has the modelTopology ${quote(modelTopology)}, but needs an object.`);
  const manifest = readManifest(root);
  const topology = snakeKeys(modelTopology);
  const dialect = dialectOf(topology.keras_version ?? root.generatedBy);
  return { model: layerConfig(topology.model_config ?? topology, [], dialect), manifest };
}

/** The object of a model.json. Throws `FormatError` for what is no JSON or none of an object. */
export function readRoot(json: unknown): Record<string, unknown> {
  const root = parsed(json);
  return isRecord(root) ? root : refuse(`model.json holds ${quote(root)}, but must be an object.`);
}

/** Whether a model.json is one of operations instead of layers. */
export function isGraphModel({ format, modelTopology }: Record<string, unknown>): boolean {
  return format === 'graph-model' || (isRecord(modelTopology) && 'node' in modelTopology);
}

/** What lies in which shard. */
export function readManifest({ weightsManifest }: Record<string, unknown>): WeightGroup[] {
  if (!Array.isArray(weightsManifest)) {
    refuse(`model.json has the weightsManifest ${quote(weightsManifest)}, but needs a list.`);
  }
  return weightsManifest.map(readGroup);
}

/** `2.15.0`, `keras v3.5.0` or `tfjs-layers 4.22.0`. */
function dialectOf(version: unknown): Dialect {
  const text = typeof version === 'string' ? version : '';
  if (/tfjs|tensorflow\.js/i.test(text)) return 'tfjs';
  return Number(/(\d+)\./.exec(text)?.[1] ?? 2) >= 3 ? 'keras3' : 'keras2';
}

function parsed(json: unknown): unknown {
  if (typeof json !== 'string' && !(json instanceof Uint8Array)) return json;
  try {
    return JSON.parse(typeof json === 'string' ? json : new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    return refuse(`model.json of ${json.length} bytes is no JSON. It is damaged or of another format.`, cause);
  }
}

function readGroup(json: unknown): WeightGroup {
  const { paths, weights } = isRecord(json) ? json : {};
  if (!Array.isArray(paths) || !paths.every((path) => typeof path === 'string') || !Array.isArray(weights)) {
    refuse(`a group of the weightsManifest is ${quote(json)}, but needs paths and weights.`);
  }
  return { paths, weights: weights.map(readSpec) };
}

function readSpec(json: unknown): WeightSpec {
  const { name, shape, dtype, quantization } = isRecord(json) ? json : {};
  if (typeof name !== 'string' || typeof dtype !== 'string' || !Array.isArray(shape)) {
    refuse(`a weight of the manifest is ${quote(json)}, but needs a name, a shape and a dtype.`);
  }
  if (!shape.every((n) => isWhole(n, 0)) || !Number.isSafeInteger(shape.reduce((n, m) => n * m, 8))) {
    refuse(`weight '${name}' has the shape ${quote(shape)}, which is impossible. The file is damaged.`);
  }
  return { name, shape, dtype, quantization: quantization == null ? null : readQuantization(name, quantization) };
}

function readQuantization(name: string, json: unknown): Quantization {
  const { dtype, scale, min } = isRecord(json) ? json : {};
  if (dtype === 'float16') return { dtype, scale: 1, min: 0 };
  const whole = dtype === 'uint8' || dtype === 'uint16';
  if (!whole || typeof scale !== 'number' || typeof min !== 'number') {
    refuse(
      `weight '${name}' has the quantization ${quote(json)}, but needs float16, or uint8 or uint16 with scale and min.`,
    );
  }
  return { dtype, scale, min };
}

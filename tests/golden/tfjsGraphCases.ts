import { joined, type Spec, weightBytes } from './tfjsCases.js';

/** A weight of a graph; its numbers where they say a shape or a place. */
export interface GraphSpec extends Spec {
  values?: number[];
}

/** A node as TensorFlow writes it. */
export interface NodeJson {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, unknown>;
}

/** A line of tfjsGraphs.json: a graph, and what TensorFlow.js says of `formula(input, 7, -1, 1)`. */
export interface GraphGolden {
  nodes: NodeJson[];
  weights: GraphSpec[];
  /** [N, H, W, C] */
  input: number[];
  outputs: Record<string, { shape: number[]; values: number[] }>;
}

/** The bytes of all weights. */
export function graphBytes(specs: readonly GraphSpec[]): Uint8Array<ArrayBuffer> {
  const drawn = weightBytes(specs);
  const bytes = specs.map(({ dtype, values }, i) => {
    if (values === undefined) return drawn[i];
    return new Uint8Array(dtype === 'int32' ? Int32Array.from(values).buffer : Float32Array.from(values).buffer);
  });
  return joined(bytes);
}

/** A model.json with one shard. */
export function graphFile(
  { nodes, weights }: Pick<GraphGolden, 'nodes' | 'weights'>,
  outputs: readonly string[],
): object {
  const signature = { outputs: Object.fromEntries(outputs.map((name) => [name, { name: `${name}:0` }])) };
  return {
    format: 'graph-model',
    modelTopology: { node: nodes },
    userDefinedMetadata: { signature },
    weightsManifest: [{ paths: ['a.bin'], weights: weights.map(({ values: _, ...spec }) => spec) }],
  };
}

/** Collects the nodes and weights of a graph. */
export class Graph {
  readonly nodes: NodeJson[] = [];
  readonly weights: GraphSpec[] = [];

  constructor(readonly input: number[]) {
    this.nodes.push({
      name: 'x',
      op: 'Placeholder',
      attr: { dtype: { type: 'DT_FLOAT' }, shape: shapeAttr([-1, ...input.slice(1)]) },
    });
  }

  add(op: string, name: string, input: readonly string[], attr: Record<string, unknown> = {}): string {
    this.nodes.push({
      name,
      op,
      input: [...input],
      attr: { T: { type: 'DT_FLOAT' }, N: { i: String(input.length - (op === 'ConcatV2' ? 1 : 0)) }, ...attr },
    });
    return name;
  }

  /** A weight whose numbers are drawn by the last part of its name. */
  weight(name: string, ...shape: number[]): string {
    this.weights.push({ name, shape, dtype: 'float32' });
    return this.#const(name, 'DT_FLOAT');
  }

  ints(name: string, values: number[], shape: number[] = [values.length]): string {
    this.weights.push({ name, shape, dtype: 'int32', values });
    return this.#const(name, 'DT_INT32');
  }

  scalar(name: string, value: number): string {
    this.weights.push({ name, shape: [], dtype: 'float32', values: [value] });
    return this.#const(name, 'DT_FLOAT');
  }

  #const(name: string, type: string): string {
    this.nodes.push({ name, op: 'Const', attr: { dtype: { type }, value: { tensor: { dtype: type } } } });
    return name;
  }
}

export function list(...i: number[]): object {
  return { list: { i: i.map(String) } };
}

export function text(value: string): object {
  return { s: btoa(value) };
}

export function texts(...values: string[]): object {
  return { list: { s: values.map((value) => btoa(value)) } };
}

export function shapeAttr(shape: number[]): object {
  return { shape: { dim: shape.map((size) => ({ size: String(size) })) } };
}

/** Attributes of a convolution or of pooling. */
export function windowed(padding: string, stride = 1, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    padding: text(padding),
    strides: list(1, stride, stride, 1),
    data_format: text('NHWC'),
    dilations: list(1, 1, 1, 1),
    ...more,
  };
}

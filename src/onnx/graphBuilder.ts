import { ArgumentError } from '../base/errors.js';
import { formatShape, type Shape, sizeOf } from '../base/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Attribute, AttributeType, DataType, type NodeProto, type TensorProto } from './proto.js';
import type { Trace } from './trace.js';

/** Attributes as their writer has them: texts, whole numbers or lists of them, tensors; `{ float }` is any other number. */
export type Attributes = Readonly<
  Record<string, string | number | readonly number[] | { float: number } | TensorProto>
>;

/** A tensor of the file; its bytes are made when the file is written. */
export interface Initializer {
  name: string;
  dims: number[];
  dataType: number;
  bytes(): Uint8Array;
}

/**
 * Collects nodes and initializers while the export goes through the operations in order of execution.
 *
 * An axis that is as long as the batch, or a multiple of it, is known by its two lengths in two traces with different batches.
 */
export class GraphBuilder {
  readonly nodes: NodeProto[] = [];
  readonly initializers = new Map<string, Initializer>();
  readonly #names = new Map<Tensor, string>();
  readonly #parameters: ReadonlyMap<Tensor, string>;
  readonly #twins = new Map<Tensor, Tensor>();
  readonly #batches: readonly [number, number];
  readonly #counts = new Map<string, number>();
  #batch: string | null = null;

  constructor(
    readonly inputName: string,
    readonly opset: number,
    parameters: ReadonlyMap<Tensor, string>,
    [a, b]: readonly [Trace, Trace],
  ) {
    this.#parameters = parameters;
    this.#batches = [a.input.shape[0], b.input.shape[0]];
    this.#names.set(a.input, inputName);
    this.#twins.set(a.input, b.input);
    for (const [i, { inputs, output }] of a.ops.entries()) {
      for (const [k, input] of inputs.entries()) this.#twins.set(input, b.ops[i].inputs[k]);
      this.#twins.set(output, b.ops[i].output);
    }
  }

  /** Appends a node and returns the name of its output. */
  add(opType: string, inputs: readonly (Tensor | string)[], attributes: Attributes = {}): string {
    const name = this.#fresh(opType);
    const typed = Object.entries(attributes).map(([key, value]): [string, Attribute] => [key, attribute(value)]);
    const names = inputs.map((x) => (typeof x === 'string' ? x : this.nameOf(x)));
    this.nodes.push({ name, opType, domain: '', inputs: names, outputs: [name], attributes: new Map(typed) });
    return name;
  }

  /** Says which value an operation's output is. */
  bind(output: Tensor, name: string): void {
    this.#names.set(output, name);
  }

  /** The name of a tensor: of the input, a computed value, a parameter or buffer; anything else becomes a constant. */
  nameOf(t: Tensor): string {
    const known = this.#names.get(t);
    if (known !== undefined) return known;
    const parameter = this.#parameters.get(t);
    const name = parameter === undefined ? this.#constantOf(t) : this.#parameter(parameter, t);
    this.#names.set(t, name);
    return name;
  }

  /** Fixed numbers: a node of their own, not an initializer, so that a reader can tell them from weights. */
  floats(values: readonly number[] | Float32Array, shape: Shape = [values.length]): string {
    const raw = new Uint8Array(Float32Array.from(values).buffer);
    const value = { name: '', dims: [...shape], dataType: DataType.FLOAT, raw, numbers: null, external: null };
    return this.add('Constant', [], { value });
  }

  scalar(value: number): string {
    return this.floats([value], []);
  }

  ints(values: readonly number[]): string {
    const name = `ints_${values.join('_')}`.replaceAll('-', 'm');
    const bytes = (): Uint8Array => new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.initializers.set(name, { name, dims: [values.length], dataType: DataType.INT64, bytes });
    return name;
  }

  /** For each axis its length as a multiple of the batch, or null where it does not grow with the batch. */
  multiples(t: Tensor): (number | null)[] {
    const twin = this.#twins.get(t) ?? t;
    const [n, m] = this.#batches;
    if (twin.shape.length !== t.shape.length) throw this.#tooDynamic(t, twin);
    return t.shape.map((size, axis) => {
      if (twin.shape[axis] === size) return null;
      const times = size / n;
      if (!Number.isInteger(times) || twin.shape[axis] !== times * m) throw this.#tooDynamic(t, twin);
      return times;
    });
  }

  /** The shape of t as whole numbers to reshape to: -1 stands for the one axis that grows with the batch. */
  reshapeTarget(t: Tensor): string {
    const multiples = this.multiples(t);
    if (multiples.filter((m) => m !== null).length > 1) return this.shapeOf(t);
    return this.ints(t.shape.map((size, axis) => (multiples[axis] === null ? size : -1)));
  }

  /** The shape of t as a value of the graph. */
  shapeOf(t: Tensor): string {
    const multiples = this.multiples(t);
    if (multiples.every((m) => m === null)) return this.ints(t.shape);
    const axes = t.shape.map((size, axis) => {
      const times = multiples[axis];
      if (times === null) return this.ints([size]);
      return times === 1 ? this.#batchSize() : this.add('Mul', [this.#batchSize(), this.ints([times])]);
    });
    return this.add('Concat', axes, { axis: 0 });
  }

  /** Throws unless an operation along `axis` of t may be written with fixed numbers. */
  expectFixed(op: string, t: Tensor, axis: number): void {
    if (this.multiples(t)[axis] !== null) {
      throw new ArgumentError(
        `exportOnnx: ${op} works along axis ${axis} of ${formatShape(t.shape)}, which grows with the batch. Pass dynamicBatch: false.`,
      );
    }
  }

  /** Keeps only what `outputs` depend on. */
  prune(outputs: readonly string[]): void {
    const needed = new Set(outputs);
    const kept = this.nodes.toReversed().filter((node) => {
      if (!node.outputs.some((name) => needed.has(name))) return false;
      for (const name of node.inputs) needed.add(name);
      return true;
    });
    this.nodes.splice(0, this.nodes.length, ...kept.reverse());
    for (const name of [...this.initializers.keys()]) if (!needed.has(name)) this.initializers.delete(name);
  }

  #batchSize(): string {
    this.#batch ??= this.add('Slice', [this.add('Shape', [this.inputName]), this.ints([0]), this.ints([1])]);
    return this.#batch;
  }

  #constantOf(t: Tensor): string {
    const multiples = this.multiples(t);
    const twin = this.#twins.get(t) ?? t;
    const one = multiples.reduce((values, m, axis) => (m === null ? values : values.with(axis, 1)), t.shape);
    const values = sample(t, one);
    const same = (data: ArrayLike<number>, shape: Shape): boolean => repeats(values, one, data, shape);
    if (!same(t.data, t.shape) || !same(twin.data, twin.shape)) {
      throw new ArgumentError(
        `exportOnnx: a constant of shape ${formatShape(t.shape)} depends on the size of the batch. Pass dynamicBatch: false.`,
      );
    }
    const name = this.floats(values, one);
    return multiples.some((m) => m !== null) ? this.add('Expand', [name, this.shapeOf(t)]) : name;
  }

  #parameter(name: string, t: Tensor): string {
    const bytes = (): Uint8Array => new Uint8Array(Float32Array.from(t.data).buffer);
    this.initializers.set(name, { name, dims: [...t.shape], dataType: DataType.FLOAT, bytes });
    return name;
  }

  #fresh(kind: string): string {
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, count + 1);
    return `${kind}_${count}`;
  }

  #tooDynamic(t: Tensor, twin: Tensor): ArgumentError {
    const [n, m] = this.#batches;
    return new ArgumentError(
      `exportOnnx: ${t.storage.op} makes ${formatShape(t.shape)} for a batch of ${n}, but ${formatShape(twin.shape)} for ${m}; ONNX needs axes that stay or grow in proportion. Pass dynamicBatch: false.`,
    );
  }
}

/** An initializer with its values inside the file. */
export function tensorProto(initializer: Initializer): TensorProto {
  const { name, dims, dataType } = initializer;
  return { name, dims, dataType, raw: initializer.bytes(), numbers: null, external: null };
}

function attribute(value: Attributes[string]): Attribute {
  if (typeof value === 'string') return { type: AttributeType.STRING, value };
  if (typeof value === 'number') return { type: AttributeType.INT, value };
  if ('float' in value) return { type: AttributeType.FLOAT, value: value.float };
  if ('dims' in value) return { type: AttributeType.TENSOR, value };
  return { type: AttributeType.INTS, value: [...value] };
}

/** The elements of t at the beginning of each axis that `one` shortens to 1. */
function sample(t: Tensor, one: Shape): Float32Array {
  const out = new Float32Array(sizeOf(one));
  const data = t.data;
  for (let i = 0; i < out.length; i++) out[i] = data[at(i, one, t.shape)];
  return out;
}

/** Whether `data` is `values` repeated along the axes that `one` shortens. */
function repeats(values: Float32Array, one: Shape, data: ArrayLike<number>, shape: Shape): boolean {
  for (let i = 0; i < data.length; i++) if (!Object.is(data[i], values[at(i, shape, one)])) return false;
  return true;
}

/** Where element i of an array of shape `from` lies in one of shape `to`, whose axes are as long or 1. */
function at(i: number, from: Shape, to: Shape): number {
  let rest = i;
  let position = 0;
  let step = 1;
  for (let axis = from.length - 1; axis >= 0; axis--) {
    if (to[axis] > 1) position += Math.min(rest % from[axis], to[axis] - 1) * step;
    rest = Math.floor(rest / from[axis]);
    step *= to[axis];
  }
  return position;
}

import { StridenetError } from '../../base/errors.js';
import type { StateDict, StateEntry } from '../../base/stateDict.js';
import { Module } from '../../layers/module.js';
import { Parameter } from '../../tensor/parameter.js';
import { withoutScope } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import { refuse } from '../config.js';
import type { GraphStep } from '../tfjsGraphModel.js';
import { convolutions } from './graphConv.js';
import { math } from './graphMath.js';
import { moves } from './graphMoves.js';
import type { GraphNode, Source } from './graphNode.js';
import type { GraphOp, GraphWeights } from './graphOps.js';
import { shapes } from './graphShapes.js';
import { toValue, type Value } from './graphValue.js';

/** The operations that are read, by TensorFlow's names. */
export const operations: Readonly<Record<string, GraphOp>> = { ...convolutions, ...math, ...moves, ...shapes };

/** Whose constants are learned: of which inputs. */
const learned: Readonly<Record<string, readonly number[]>> = {
  Add: [0, 1],
  AddV2: [0, 1],
  BiasAdd: [1],
  Sub: [0, 1],
  Mul: [0, 1],
  RealDiv: [0, 1],
  Prelu: [1],
  Conv2DBackpropInput: [1],
  MatMul: [0, 1],
  BatchMatMul: [0, 1],
  BatchMatMulV2: [0, 1],
  _FusedConv2D: [2, 3],
  FusedConv2D: [2, 3],
  FusedDepthwiseConv2dNative: [2, 3],
  _FusedDepthwiseConv2dNative: [2, 3],
  _FusedMatMul: [2, 3],
  FusedMatMul: [2, 3],
};

const passing = new Set(['Identity', 'StopGradient', 'Snapshot', 'EnsureShape', 'CheckNumerics', 'ReadVariableOp']);

/** A weight that belongs to no layer: a scale, a shift, slopes. */
class Weight extends Module {
  readonly weight: Parameter;

  constructor({ data, shape }: StateEntry) {
    super();
    this.weight = new Parameter(data, shape);
  }

  forward(x: Tensor): Tensor {
    return x;
  }
}

export function keyOf({ node, output }: Source): string {
  return `${node}:${output}`;
}

/** Makes steps of nodes, and modules of the weights that they hold. */
export class GraphBuilder implements GraphWeights {
  readonly modules = new Map<string, Module>();
  readonly constants = new Map<string, Value>();
  readonly #shared = new Map<string, Parameter>();
  readonly #absorbed = new Set<GraphNode>();
  readonly #readers = new Map<string, GraphNode[]>();

  constructor(
    readonly nodes: ReadonlyMap<string, GraphNode>,
    readonly stored: StateDict,
    readonly integers: ReadonlySet<string>,
    readonly nameOf: (node: string) => string,
    readonly kept: ReadonlySet<string>,
  ) {
    for (const node of nodes.values()) {
      for (const { node: from } of node.inputs) {
        const list = this.#readers.get(from);
        if (list === undefined) this.#readers.set(from, [node]);
        else list.push(node);
      }
    }
  }

  /** The steps of nodes that stand after what they need. */
  steps(order: readonly GraphNode[]): Omit<GraphStep, 'spent'>[] {
    const steps: Omit<GraphStep, 'spent'>[] = [];
    for (const node of order) {
      if (node.op === 'Const' || node.op === 'Placeholder' || node.op === 'NoOp') continue;
      const { run, reads } = this.#built(node);
      const inputs = (reads ?? [...node.inputs.keys()]).map((i) => node.inputs[i]);
      for (const [i, source] of inputs.entries()) this.#hold(node, reads?.[i] ?? i, source);
      const count = Math.max(
        1,
        ...(this.#readers.get(node.name) ?? []).flatMap((r) =>
          r.inputs.filter((s) => s.node === node.name).map((s) => s.output + 1),
        ),
      );
      node.check(count <= 2 ** 12, `has ${count} outputs. The file is damaged`);
      const outputs = Array.from({ length: count }, (_, output) => keyOf({ node: node.name, output }));
      steps.push({ title: node.title, run, inputs: inputs.map(keyOf), outputs });
    }
    return steps;
  }

  /** Takes the constant of an output itself into the values. */
  holdOutput(source: Source): void {
    if (this.nodes.get(source.node)?.op === 'Const') this.#hold(null, 0, source);
  }

  constant(node: GraphNode, input: number): StateEntry | undefined {
    const source = this.#origin(node.inputs[input]);
    if (source === undefined || this.integers.has(source)) return undefined;
    const entry = this.stored.get(source);
    return entry === undefined || entry.data.length === 0 ? undefined : entry;
  }

  add<M extends Module>(node: GraphNode, module: M): () => M {
    const name = this.#name(node.name, module);
    return () => this.modules.get(name) as M;
  }

  share(node: GraphNode, input: number, kind: string, module: { readonly weight: Parameter }): void {
    const key = `${kind} ${this.#origin(node.inputs[input])}`;
    const known = this.#shared.get(key);
    if (known === undefined) this.#shared.set(key, module.weight);
    else (module as { weight: Parameter }).weight = known;
  }

  takeBias(node: GraphNode, channels: number): StateEntry | undefined {
    const readers = this.#readers.get(node.name) ?? [];
    const [next] = readers;
    if (readers.length !== 1 || this.kept.has(node.name) || next.op !== 'BiasAdd' || next.inputs[0]?.node !== node.name)
      return undefined;
    const bias = this.constant(next, 1);
    if (bias?.data.length !== channels) return undefined;
    this.#absorbed.add(next);
    return bias;
  }

  #built(node: GraphNode): { run: GraphStep['run']; reads?: readonly number[] | undefined } {
    if (this.#absorbed.has(node)) return { run: ([x]) => x, reads: [0] };
    try {
      const built = operations[node.op](node, this);
      return typeof built === 'function' ? { run: built } : built;
    } catch (cause) {
      if (!(cause instanceof StridenetError) || cause.message.startsWith('importTfjsModel:')) throw cause;
      return node.refuse(`cannot be made: ${cause.message}`);
    }
  }

  /** The constant that an input comes from, through what only hands on. */
  #origin(source: Source | undefined): string | undefined {
    let node = source === undefined || source.output !== 0 ? undefined : this.nodes.get(source.node);
    for (let i = 0; node !== undefined && passing.has(node.op) && i < 16; i++) {
      node = node.inputs[0] === undefined ? undefined : this.nodes.get(node.inputs[0].node);
    }
    return node?.op === 'Const' ? node.name : undefined;
  }

  /** Makes the value of a constant that a node reads: a parameter where such are learned, fixed numbers elsewhere. */
  #hold(reader: GraphNode | null, input: number, source: Source): void {
    if (this.nodes.get(source.node)?.op !== 'Const' || this.constants.has(keyOf(source))) return;
    const entry = this.stored.get(source.node);
    if (entry === undefined || source.output !== 0) {
      refuse(`the constant '${source.node}' has no weight of its name in the weightsManifest.`);
    }
    const integer = this.integers.has(source.node);
    const trained =
      reader !== null && !integer && entry.data.length > 1 && (learned[reader.op]?.includes(input) ?? false);
    if (trained) {
      const weight = new Weight(entry);
      this.#name(source.node, weight);
      this.constants.set(keyOf(source), toValue(weight.weight));
      return;
    }
    const tensor = withoutScope(() => Tensor.from(entry.data, entry.shape));
    this.constants.set(keyOf(source), toValue(tensor, false, integer));
  }

  #name(node: string, module: Module): string {
    const base = this.nameOf(node).replaceAll('.', '_') || 'layer';
    let name = base;
    for (let i = 2; this.modules.has(name) || name in module; i++) name = `${base}_${i}`;
    this.modules.set(name, module);
    return name;
  }
}

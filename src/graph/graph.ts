import type { Shape } from '../base/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { type Drawing, toDot, toMermaid } from './draw.js';
import type { GraphNode, GraphValue, ModuleCall } from './node.js';
import { type GraphParts, moduleOf, shapeOf } from './parts.js';
import { printGraph } from './print.js';

/** A graph without methods and tensors: what `JSON.stringify` gives. */
export interface GraphJson {
  /** The class of the model. */
  model: string;
  /** Ids of the values that the model receives. */
  inputs: number[];
  /** Ids of the values that the model returns. */
  outputs: number[];
  /** Every tensor of the graph. */
  values: { id: number; kind: string; shape: number[]; name: string | null }[];
  /** Every operation, in the order of execution. */
  nodes: { op: string; module: string; inputs: number[]; outputs: number[]; attributes: Record<string, unknown> }[];
}

/**
 * A model as data: the operations that ran for an input of one shape, in order. `capture` makes it; summaries, drawings, exports and
 * compiled plans are functions of it. Graphs don't change: a pass returns a new one.
 */
export class Graph implements GraphParts {
  /** The class of the model. */
  readonly model: string;
  /** Every tensor of the graph, by id. */
  readonly values: readonly GraphValue[];
  /** Every operation, in the order of execution. */
  readonly nodes: readonly GraphNode[];
  /** The values that the model is given. */
  readonly inputs: readonly number[];
  /** The values that it returns. */
  readonly outputs: readonly number[];
  /** Calls of modules in the order in which they began: a block before what is inside it. */
  readonly calls: readonly ModuleCall[];
  /** The tensors of parameters, buffers and constants, by value. */
  readonly tensors: ReadonlyMap<number, Tensor>;

  constructor(parts: GraphParts) {
    this.model = parts.model;
    this.values = parts.values;
    this.nodes = parts.nodes;
    this.inputs = parts.inputs;
    this.outputs = parts.outputs;
    this.calls = parts.calls;
    this.tensors = parts.tensors;
  }

  /** The same with other nodes, values or outputs. */
  with(changes: Partial<GraphParts>): Graph {
    return new Graph({ ...this, ...changes });
  }

  /** The shape of a value, by its id. */
  shapeOf(value: number): Shape {
    return shapeOf(this, value);
  }

  /** The path of the module that a node comes from. */
  moduleOf(node: GraphNode): string {
    return moduleOf(this, node);
  }

  /** One line per node: its result, the operation, what it reads, its shape and its module. */
  toString(): string {
    return printGraph(this);
  }

  /** Text for Mermaid, which GitHub shows as a picture in Markdown. */
  toMermaid(options: Drawing = {}): string {
    return toMermaid(this, options);
  }

  /** Text for Graphviz: `dot -Tsvg` draws it. */
  toDot(options: Drawing = {}): string {
    return toDot(this, options);
  }

  /** The graph as plain objects, without the numbers of its tensors. */
  toJSON(): GraphJson {
    return {
      model: this.model,
      inputs: [...this.inputs],
      outputs: [...this.outputs],
      values: this.values.map(({ id, kind, shape, name }) => ({ id, kind, shape: [...shape], name })),
      nodes: this.nodes.map((node) => ({
        op: node.op,
        module: this.moduleOf(node),
        inputs: [...node.inputs],
        outputs: [...node.outputs],
        attributes: plainAttributes(node.attributes),
      })),
    };
  }
}

/** Attributes with typed arrays as arrays. */
function plainAttributes(attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value,
    ]),
  );
}

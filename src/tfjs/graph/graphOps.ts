import type { StateEntry } from '../../base/stateDict.js';
import type { Module } from '../../layers/module.js';
import type { Parameter } from '../../tensor/parameter.js';
import type { GraphNode } from './graphNode.js';
import type { Value } from './graphValue.js';

/** Computes a node's outputs of its inputs. */
export type RunNode = (inputs: readonly Value[]) => Value | Value[];

/** What runs a node, and which of its inputs it wants: all, unless said. */
export interface BuiltNode {
  run: RunNode;
  reads?: readonly number[] | undefined;
}

/** What a node may ask of the model around it, while it is built. */
export interface GraphWeights {
  /** The numbers of an input that is a constant of floats, in TensorFlow's order; undefined for what is computed. */
  constant(node: GraphNode, input: number): StateEntry | undefined;
  /** Adds a module, named after the node, whose weights are saved and trained; gives what stands in its place when it is asked. */
  add<M extends Module>(node: GraphNode, module: M): () => M;
  /** Lets a module have the very weight that another made of the same constant. */
  share(node: GraphNode, input: number, kind: string, module: { readonly weight: Parameter }): void;
  /** The bias that the next node adds to this node's output and to nothing else; that node then only hands on. */
  takeBias(node: GraphNode, channels: number): StateEntry | undefined;
}

/** Reads a node's attributes once, and returns what runs it. */
export type GraphOp = (node: GraphNode, weights: GraphWeights) => BuiltNode | RunNode;

/** The inputs of a node, as many as it must have at least. */
export function needed(node: GraphNode, inputs: readonly Value[], count: number): readonly Value[] {
  node.check(inputs.length >= count, `has ${inputs.length} inputs, but needs ${count}`);
  return inputs;
}

import { StridenetError } from '../../base/errors.js';
import { sizeOf } from '../../base/shape.js';
import type { Storage } from '../../memory/storage.js';
import { withoutScope } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import { currentPool } from '../../wasm/program.js';
import type { Graph } from '../graph.js';
import type { GraphNode } from '../node.js';
import { constantValues } from '../passes/foldConstants.js';
import { optimize } from '../passes/optimize.js';
import { releaseConstants } from '../releaseConstants.js';
import { layOut } from './arena.js';
import { type Bound, type BoundCalls, bind, type Location } from './bind.js';
import { lower } from './lower.js';
import { offsetsOf } from './places.js';
import { PlanWeights, type Preparation } from './weights.js';

/** The kernel calls of one node, ready to run. */
export interface PlanStep {
  readonly node: GraphNode;
  readonly steps: readonly Bound[];
}

/**
 * A model as a list of kernel calls for inputs of one shape: places of all activations in one block of memory, prepared weights in another, and
 * each call with its arguments computed once.
 */
export class Plan {
  /** The graph after all passes. */
  readonly graph: Graph;
  readonly steps: readonly PlanStep[];
  /** Floats of activations, prepared weights and scratch space. */
  readonly sizes: { readonly activations: number; readonly weights: number; readonly scratch: number };
  readonly weights: PlanWeights;
  readonly #input: Location;
  readonly #arena: Tensor;
  readonly #prepared: Tensor;
  readonly #blocks: Tensor[];
  readonly #outputs: readonly Location[];

  constructor(captured: Graph) {
    const graph = lower(optimize(captured));
    this.graph = graph;
    const constant = constantValues(graph);
    const { offsets, floats, places } = layOut(graph, constant);
    const scratch = Math.max(0, ...graph.nodes.flatMap(workspaces));
    const prepared = graph.nodes.filter((node) => isPrepared(node, constant));
    const made = prepared.filter(({ isView }) => !isView).flatMap(({ outputs }) => outputs);
    const viewed = new Map(
      prepared.filter(({ isView }) => isView).map(({ outputs, inputs }) => [outputs[0], inputs[0]]),
    );
    const begins = offsetsOf(made.map((value) => (Math.ceil(sizeOf(graph.shapeOf(value)) / 16) + 1) * 16));
    const weights =
      made.length === 0 ? 0 : (begins.at(-1) as number) + sizeOf(graph.shapeOf(made.at(-1) as number)) + 16;
    this.sizes = { activations: floats, weights, scratch };
    [this.#arena, this.#prepared] = ownedBlocks([floats + 16 + scratch, weights]) as [Tensor, Tensor];
    const arena = this.#arena.storage.pointer;
    const preparedAt = new Map(
      made.map((value, i) => [value, this.#prepared.storage.pointer + 4 * (begins[i] as number)]),
    );
    const locate = (value: number): Location => {
      const source = viewed.get(value);
      if (source !== undefined) return locate(source);
      const length = sizeOf(graph.shapeOf(value));
      const pointer =
        graph.tensors.get(value)?.storage.pointer ?? preparedAt.get(value) ?? arena + 4 * (offsets.get(value) ?? 0);
      return { pointer, length };
    };
    this.#blocks = [];
    const boundOf = (node: GraphNode): Bound[] =>
      neededCalls(graph, node, places).flatMap((call) => this.#keep(bind(call, locate, arena + 4 * (floats + 16))));
    const preparations: Preparation[] = [];
    const steps: PlanStep[] = [];
    for (const node of graph.nodes) {
      if (!isPrepared(node, constant)) steps.push({ node, steps: boundOf(node) });
      else preparations.push({ sources: sourcesOf(graph, node), steps: boundOf(node) });
    }
    this.steps = steps;
    this.#input = locate(graph.inputs[0] as number);
    this.#outputs = graph.outputs.map(locate);
    this.weights = new PlanWeights(graph, preparations);
  }

  /** Live bytes that the plan holds besides the weights of the model. */
  get bytes(): number {
    return [this.#arena, this.#prepared, ...this.#blocks].reduce((sum, { storage }) => sum + storage.bytes, 0);
  }

  get released(): boolean {
    return this.#arena.disposed;
  }

  /** Computes the outputs for x; `around` runs each step. Each output is copied to a tensor of the current scope. */
  run(x: Tensor, around: (step: PlanStep) => void = runStep): Tensor[] {
    const gone = this.weights.released();
    if (gone !== undefined) {
      throw new StridenetError(
        `predict: a ${gone.op} of [${gone.length}] numbers, which the plan reads, was released.`,
      );
    }
    this.weights.refresh();
    // Released while memory is short, the plan could not be read: outputs come first.
    const results = this.graph.outputs.map((value) => Tensor.empty('predict', this.graph.shapeOf(value)));
    floatsOf(this.#arena, this.#input).set(x.floats);
    const pool = currentPool();
    pool?.hold();
    try {
      for (const step of this.steps) around(step);
    } finally {
      pool?.letGo();
    }
    for (const [i, result] of results.entries()) result.floats.set(floatsOf(this.#arena, this.#outputs[i] as Location));
    return results;
  }

  /** Gives the memory back. */
  release(): void {
    this.weights.release();
    releaseConstants(this.graph);
    for (const tensor of [this.#arena, this.#prepared, ...this.#blocks]) tensor.dispose();
  }

  #keep({ steps, blocks }: BoundCalls): readonly Bound[] {
    for (const block of blocks) this.#blocks.push(owned(block));
    return steps;
  }
}

function runStep({ steps }: PlanStep): void {
  for (let i = 0; i < steps.length; i++) (steps[i] as Bound).run();
}

function isPrepared(node: GraphNode, constant: ReadonlySet<number>): boolean {
  return node.outputs.every((value) => constant.has(value));
}

/** The calls of a node, without those that copy parts of a concatenation to where they are. */
function neededCalls(
  graph: Graph,
  node: GraphNode,
  places: { isInPlace: (p: number, w: number, o: number) => boolean },
) {
  if (node.op !== 'concat') return node.kernels;
  const begins = offsetsOf(node.inputs.map((part) => sizeOf(graph.shapeOf(part))));
  const [whole = -1] = node.outputs;
  return node.kernels.filter((_call, i) => !places.isInPlace(node.inputs[i] as number, whole, begins[i] as number));
}

function workspaces(node: GraphNode): number[] {
  return node.kernels
    .flatMap((call) => ('args' in call ? call.args : []))
    .map((arg) => ('workspace' in arg ? arg.workspace : 0));
}

/** The weights that a prepared node is made from. */
function sourcesOf(graph: Graph, node: GraphNode): Storage[] {
  const makers = new Map(graph.nodes.flatMap((each) => each.outputs.map((value) => [value, each] as const)));
  const visit = (value: number): Storage[] => {
    const tensor = graph.tensors.get(value);
    if (tensor !== undefined) return [tensor.storage];
    return makers.get(value)?.inputs.flatMap(visit) ?? [];
  };
  return [...new Set(node.inputs.flatMap(visit))];
}

/** Blocks that belong to no scope and are released when their owner is garbage collected. If one can't be allocated, the others are released. */
function ownedBlocks(lengths: readonly number[]): Tensor[] {
  return withoutScope(() => {
    const made: Tensor[] = [];
    try {
      for (const length of lengths) made.push(Tensor.empty('plan', [length]));
      return made;
    } catch (error) {
      for (const tensor of made) tensor.dispose();
      throw error;
    }
  });
}

function owned(block: Storage): Tensor {
  return withoutScope(() => new Tensor(block, [block.length]));
}

/** A view of a location, which lies in the heap of `within`. */
function floatsOf(within: Tensor, { pointer, length }: Location): Float32Array {
  return new Float32Array(within.floats.buffer, pointer, length);
}

import { FormatError, OutOfMemoryError } from '../base/errors.js';
import type { Graph } from '../graph/graph.js';
import { Module } from '../layers/module.js';
import { currentScope, scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { expectAffordable, usualBudget, withBudget } from './budget.js';
import { runStep, type Step } from './step.js';
import { toTensor, type Value } from './values.js';

export interface OnnxGraph {
  input: string;
  output: string;
  steps: readonly Step[];
  /** Parameters, buffers and constants. */
  values: ReadonlyMap<string, Value>;
  /** Bytes of the file and of weights beside it. */
  fileBytes: number;
  /** What the user allows instead of what `usualBudget` does. */
  maxMemory: number | undefined;
  /** Makes a module of the same operations as they stand in a captured graph, and in one of a larger batch. */
  rewrite: (graph: Graph, twin: Graph) => OnnxModule;
}

/** Holds the tensors whose names in the file begin alike: `layer1.0.conv1` of `layer1.0.conv1.weight`. */
class Group extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}

/**
 * A model that was read from an ONNX file: its weights are parameters, its running statistics buffers, so that it trains, saves and
 * loads as any other. In training mode batch normalization uses the batch and dropout drops.
 */
export class OnnxModule extends Module {
  #graph: OnnxGraph;

  constructor(graph: OnnxGraph, tensors: ReadonlyMap<string, Tensor>) {
    super();
    this.#graph = graph;
    for (const [name, tensor] of tensors) place(this, name, tensor);
  }

  forward(x: Tensor): Tensor {
    const { fileBytes, maxMemory } = this.#graph;
    return withBudget(maxMemory ?? usualBudget(fileBytes, 4 * x.size), () => this.#run(x));
  }

  /** @internal Its operations, in the order of execution. */
  get steps(): readonly Step[] {
    return this.#graph.steps;
  }

  /** @internal A module of what this one computes as it stands in a graph that was captured from it and changed. */
  rewrite(graph: Graph, twin: Graph): OnnxModule {
    return this.#graph.rewrite(graph, twin);
  }

  override blankCopy(): this {
    return Object.setPrototypeOf(new OnnxModule(this.#graph, new Map()), Object.getPrototypeOf(this));
  }

  override copyPrivateFields(to: Module, copy: <T>(member: T) => T): void {
    const values = new Map(Array.from(this.#graph.values, ([name, value]) => [name, copy(value)]));
    (to as OnnxModule).#graph = { ...this.#graph, values };
  }

  #run(x: Tensor): Tensor {
    const { input, output, steps, values } = this.#graph;
    const outer = currentScope();
    const releases = outer !== null && outer.tape === null;
    const known = new Map<string, Value>(values);
    known.set(input, x);
    for (const step of steps) {
      const { title, inputs, outputs, spent } = step;
      const given = inputs.map((name) => {
        const value = known.get(name);
        if (value === undefined && name !== '')
          throw new FormatError(`importOnnx: node ${title} needs '${name}', which is not computed.`);
        return value ?? null;
      });
      const results = releases ? scope(() => limited(step, given, this.training)) : limited(step, given, this.training);
      const list = Array.isArray(results) ? results : [results];
      for (const [i, name] of outputs.entries()) if (i < list.length) known.set(name, list[i]);
      for (const name of spent) {
        const value = known.get(name);
        known.delete(name);
        // A value may have two names (Identity); the block goes with the last of them.
        if (!releases || !(value instanceof Tensor) || value === x || !outer.owns(value)) continue;
        if ([...known.values()].includes(value)) continue;
        outer.disown(value);
        value.dispose();
      }
    }
    const result = known.get(output);
    if (result === undefined) throw new FormatError(`importOnnx: no node made the output '${output}'.`);
    return toTensor(result);
  }
}

/** Runs a node within the budget, and says which one passed it. */
function limited(step: Step, inputs: readonly (Value | null)[], training: boolean): Value | Value[] {
  try {
    const results = runStep(step, inputs, training);
    for (const value of Array.isArray(results) ? results : [results]) expectAffordable(step.title, value.shape);
    return results;
  } catch (cause) {
    if (!(cause instanceof OutOfMemoryError)) throw cause;
    throw new OutOfMemoryError(
      `importOnnx: node ${step.title}: ${cause.message} A model that was read from a file may take 128 MiB, 16 times the bytes of the file and 1,024 times those of its input; pass a larger maxMemory if the file is sound.`,
      { cause },
    );
  }
}

const DEEPEST = 16;

/** Puts a tensor where its name says, a module for each part of it; where that cannot be, under a flat name. */
function place(root: Module, name: string, tensor: Tensor): void {
  const parts = name.split('.');
  const fields = (module: Module): Record<string, unknown> => module as unknown as Record<string, unknown>;
  let at = root;
  const free = (module: Module, key: string): boolean => key !== '' && !(key in module);
  if (parts.length <= DEEPEST) {
    for (const [i, part] of parts.entries()) {
      const last = i === parts.length - 1;
      if (last && free(at, part)) {
        fields(at)[part] = tensor;
        return;
      }
      if (last) break;
      if (free(at, part)) fields(at)[part] = new Group();
      if (!(Object.hasOwn(at, part) && fields(at)[part] instanceof Module)) break;
      at = fields(at)[part] as Module;
    }
  }
  let flat = parts.join('_');
  while (!free(root, flat)) flat += '_';
  fields(root)[flat] = tensor;
}

import { Module } from '../layers/module.js';
import { FormatError, StridenetError } from '../tensor/errors.js';
import { currentScope, scope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import type { RunNode } from './importNode.js';
import { toTensor, type Value } from './values.js';

/** A node that is ready to run. */
export interface Step {
  /** What the node is called in errors. */
  title: string;
  run: RunNode;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Names that no later step reads. */
  spent: readonly string[];
}

export interface OnnxGraph {
  input: string;
  output: string;
  steps: readonly Step[];
  /** Parameters, buffers and constants. */
  values: ReadonlyMap<string, Value>;
}

/** Holds the tensors whose names in the file begin alike: `layer1.0.conv1` of `layer1.0.conv1.weight`. */
class Group extends Module {
  forward(x: Tensor): Tensor {
    return x;
  }
}

/**
 * A model that was read from an ONNX file: its weights are parameters, its running statistics buffers, so that it trains, saves and
 * loads as any other. In training mode batch normalisation uses the batch and dropout drops.
 */
export class OnnxModule extends Module {
  readonly #graph: OnnxGraph;

  constructor(graph: OnnxGraph, tensors: ReadonlyMap<string, Tensor>) {
    super();
    this.#graph = graph;
    for (const [name, tensor] of tensors) place(this, name, tensor);
  }

  forward(x: Tensor): Tensor {
    const { input, output, steps, values } = this.#graph;
    const outer = currentScope();
    const releases = outer !== null && outer.tape === null;
    const known = new Map<string, Value>(values);
    known.set(input, x);
    for (const step of steps) {
      const { inputs, outputs, spent } = step;
      const given = inputs.map((name) => known.get(name) ?? null);
      const results = releases ? scope(() => runStep(step, given, this.training)) : runStep(step, given, this.training);
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

/** Runs a node. What goes wrong outside this library's own checks does so because the file is damaged. */
function runStep({ title, run }: Step, inputs: readonly (Value | null)[], training: boolean): Value | Value[] {
  try {
    return run(inputs, training);
  } catch (error) {
    if (error instanceof StridenetError) throw error;
    throw new FormatError(
      `importOnnx: node ${title} does not fit what it is given (${(error as Error).message}). The file is damaged.`,
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

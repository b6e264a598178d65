import { StridenetError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { Module } from '../layers/module.js';
import { withMode } from '../layers/withMode.js';
import { currentScope, scope, withoutTape } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { refuse } from './config.js';
import type { RunNode } from './graph/graphOps.js';
import { first, toValue, type Value } from './graph/graphValue.js';
import { withRoom } from './room.js';

/** A node that is ready to run. Values are named `node:output`. */
export interface GraphStep {
  title: string;
  run: RunNode;
  inputs: readonly string[];
  outputs: readonly string[];
  /** Values that no later step reads. */
  spent: readonly string[];
}

/** What a graph model consists of. */
export interface GraphPlan {
  modules: Map<string, Module>;
  steps: readonly GraphStep[];
  /** Constants, by the names of their values. */
  constants: ReadonlyMap<string, Value>;
  input: { name: string; value: string; shape: readonly (number | null)[] | null; integer: boolean };
  /** The values to give, by the names that the file has for them. */
  outputs: ReadonlyMap<string, string>;
}

/**
 * A model that was read from a TensorFlow.js graph model. Its convolutions, dense layers and batch norms are modules named after their
 * nodes: it trains, saves and loads as any other.
 */
export class TfjsGraphModel extends Module {
  readonly #plan: GraphPlan;

  constructor(plan: GraphPlan) {
    super();
    this.#plan = plan;
  }

  /** The names of the outputs, in the file's order. */
  get outputNames(): string[] {
    return [...this.#plan.outputs.keys()];
  }

  /** The input's shape here, [N, C, H, W] for images, with null where any size fits; null where the file does not say. */
  get inputShape(): readonly (number | null)[] | null {
    const { shape } = this.#plan.input;
    if (shape === null || shape.length < 3) return shape;
    return [shape[0], shape[shape.length - 1], ...shape.slice(1, -1)];
  }

  /** The first output, as every model gives one; see `predictOutputs` for all. */
  forward(x: Tensor): Tensor {
    return withRoom(x.size, () => this.#run(x, this.outputNames.slice(0, 1)))[0];
  }

  /**
   * All outputs by their names, in evaluation mode and without a tape, as `predict` gives the first.
   *
   * Shapes: values of three axes and more have their channels second, [N, C, ...].
   */
  predictOutputs(x: Tensor): Record<string, Tensor> {
    const names = this.outputNames;
    const run = (): Tensor[] => withoutTape(() => withRoom(x.size, () => this.#run(x, names)));
    const tensors = withMode(this, 'eval', run);
    return Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
  }

  override *namedChildren(): Generator<[string, Module]> {
    yield* super.namedChildren();
    yield* this.#plan.modules;
  }

  override replaceChild(name: string, module: Module): void {
    if (this.#plan.modules.has(name)) this.#plan.modules.set(name, module);
    else super.replaceChild(name, module);
  }

  #run(x: Tensor, names: readonly string[]): Tensor[] {
    const { steps, constants, input, outputs } = this.#plan;
    this.#expectInput(x);
    const outer = currentScope();
    const releases = outer !== null && outer.tape === null;
    const known = new Map<string, Value>(constants);
    known.set(input.value, toValue(x, true, input.integer));
    for (const step of steps) {
      const given = step.inputs.map(
        (name) => known.get(name) ?? refuse(`node ${step.title} needs '${name}', which no node makes.`),
      );
      let made: Value[] = [];
      const compute = (): Tensor[] => {
        made = runStep(step, given);
        return made.map(({ tensor }) => tensor);
      };
      if (releases) scope(compute);
      else compute();
      for (const [i, name] of step.outputs.entries()) if (i < made.length) known.set(name, made[i]);
      for (const name of step.spent) {
        const tensor = known.get(name)?.tensor;
        known.delete(name);
        // A value may have several names (Identity); the block goes with the last of them.
        if (!releases || tensor === undefined || tensor === x || !outer.owns(tensor)) continue;
        if ([...known.values()].some((value) => value.tensor === tensor)) continue;
        outer.disown(tensor);
        tensor.dispose();
      }
    }
    return names.map((name) => {
      const value = known.get(outputs.get(name) as string);
      if (value === undefined) return refuse(`no node makes the output '${name}'.`);
      return value.first ? value.tensor : first(value);
    });
  }

  #expectInput({ shape }: Tensor): void {
    const wanted = this.inputShape;
    if (wanted === null) return;
    const fits =
      shape.length === wanted.length && wanted.every((n, axis) => axis === 0 || n === null || n === shape[axis]);
    if (fits) return;
    const text = wanted.map((n, axis) => (axis === 0 ? 'N' : (n ?? 'any'))).join(', ');
    refuse(
      `the model's input '${this.#plan.input.name}' is [${text}], channels first, but x has shape ${formatShape(shape)}.`,
    );
  }
}

/** Runs a node. An operation that refuses its input does so because the file is damaged; the message names the node. */
function runStep(step: GraphStep, inputs: readonly Value[]): Value[] {
  try {
    const made = step.run(inputs);
    return Array.isArray(made) ? made : [made as Value];
  } catch (error) {
    if (error instanceof StridenetError && error.message.startsWith('importTfjsModel:')) throw error;
    if (error instanceof StridenetError) refuse(`node ${step.title} cannot run: ${error.message}`, error);
    refuse(
      `node ${step.title} does not fit what it is given (${(error as Error).message}). The file is damaged.`,
      error,
    );
  }
}

import { Module } from '../layers/module.js';
import { currentScope, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { withRoom } from './room.js';

/** One thing that a model does: a module by its name, or a function of several values. Values are numbered; 0 is the input. */
export interface Step {
  run: string | ((inputs: readonly Tensor[]) => Tensor);
  inputs: readonly number[];
  output: number;
  /** Values that no later step reads. */
  spent: readonly number[];
}

/**
 * A model that was read from a TensorFlow.js file. Its modules bear the names of the layers, their weights those of PyTorch: it trains,
 * saves and loads as any other.
 */
export class TfjsModel extends Module {
  readonly #modules: Map<string, Module>;
  readonly #steps: readonly Step[];
  readonly #output: number;

  constructor(modules: ReadonlyMap<string, Module>, steps: readonly Step[], output: number) {
    super();
    this.#modules = new Map(modules);
    this.#steps = steps;
    this.#output = output;
  }

  forward(x: Tensor): Tensor {
    return withRoom(x.size, () => this.#run(x));
  }

  #run(x: Tensor): Tensor {
    const outer = currentScope();
    const releases = outer !== null && outer.tape === null;
    const known = new Map([[0, x]]);
    for (const { run, inputs, output, spent } of this.#steps) {
      const given = inputs.map((value) => known.get(value) as Tensor);
      const compute = (): Tensor =>
        typeof run === 'string' ? (this.#modules.get(run) as Module).forward(given[0]) : run(given);
      known.set(output, releases ? scope(compute) : compute());
      for (const value of spent) {
        const tensor = known.get(value);
        known.delete(value);
        // A value may have two numbers (dropout in evaluation mode); the block goes with the last of them.
        if (!releases || tensor === undefined || tensor === x || !outer.owns(tensor)) continue;
        if ([...known.values()].includes(tensor)) continue;
        outer.disown(tensor);
        tensor.dispose();
      }
    }
    return known.get(this.#output) as Tensor;
  }

  override *namedChildren(): Generator<[string, Module]> {
    yield* super.namedChildren();
    yield* this.#modules;
  }

  override replaceChild(name: string, module: Module): void {
    if (this.#modules.has(name)) this.#modules.set(name, module);
    else super.replaceChild(name, module);
  }
}

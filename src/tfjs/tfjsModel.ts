import { pair } from '../base/check.js';
import { Conv2d } from '../layers/conv2d.js';
import { Module } from '../layers/module.js';
import { Sequential } from '../layers/sequential.js';
import { currentScope, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { expectFilterRoom, withRoom } from './room.js';

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

  override blankCopy(): this {
    return Object.setPrototypeOf(new TfjsModel(new Map(), this.#steps, this.#output), Object.getPrototypeOf(this));
  }

  override copyPrivateFields(to: Module, copy: <T>(member: T) => T): void {
    for (const [name, module] of this.#modules) (to as TfjsModel).#modules.set(name, copy(module));
  }

  #run(x: Tensor): Tensor {
    const outer = currentScope();
    const releases = outer !== null && outer.tape === null;
    const known = new Map([[0, x]]);
    for (const { run, inputs, output, spent } of this.#steps) {
      const given = inputs.map((value) => known.get(value) as Tensor);
      const compute = (): Tensor =>
        typeof run === 'string' ? runModule(run, this.#modules.get(run) as Module, given[0]) : run(given);
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

/** Runs a layer, once it is sure that its filters do not reach out of proportion. */
function runModule(name: string, module: Module, x: Tensor): Tensor {
  // A separable convolution is two in a row.
  const convolutions = module instanceof Sequential ? module.namedChildren() : [['', module] as const];
  for (const [, conv] of convolutions) {
    if (!(conv instanceof Conv2d)) continue;
    const [outChannels, , ...kernel] = conv.weight.shape;
    const { stride = 1, dilation = 1, padding = 0 } = conv.options;
    const around = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
    expectFilterRoom(`layer '${name}'`, x.shape, {
      outChannels,
      kernel,
      stride: pair('Conv2d', 'stride', stride, 1),
      dilation: pair('Conv2d', 'dilation', dilation, 1),
      padding: around,
    });
  }
  return module.forward(x);
}

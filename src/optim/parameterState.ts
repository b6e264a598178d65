import type { Parameter } from '../tensor/parameter.js';
import { withoutScope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';

/** An optimizer's state for one parameter: the number of steps, and tensors of the parameter's shape. */
export class ParameterState {
  /** The number of steps, including the current one. */
  step = 0;
  readonly #tensors = new Map<string, Tensor>();

  constructor(/** The parameter that the values belong to. */ readonly parameter: Parameter) {}

  /** Whether there is a value of this name. */
  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** The state tensor with this name, created on first use and filled with `initial`. It belongs to no scope. */
  tensor(name: string, initial = 0): Tensor {
    let tensor = this.#tensors.get(name);
    if (tensor === undefined) {
      tensor = withoutScope(() => Tensor.full(this.parameter.shape, initial));
      this.#tensors.set(name, tensor);
    }
    return tensor;
  }

  /** The tensors with their names, sorted by name: the order does not depend on which was created first. */
  entries(): [string, Tensor][] {
    return [...this.#tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** Releases all values. */
  reset(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
    this.step = 0;
  }
}

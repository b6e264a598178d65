import { StateDictError } from '../../base/errors.js';
import { sameShape } from '../../base/shape.js';
import type { StateDict } from '../../base/stateDict.js';
import type { LocalSteps } from '../../distributed/localSteps.js';
import type { ProcessGroup } from '../../distributed/processGroup.js';
import type { Module } from '../../layers/module.js';
import { Parameter } from '../../tensor/parameter.js';
import type { Tensor } from '../../tensor/tensor.js';

interface Weights {
  name: string;
  own: Tensor;
  at: number;
}

/**
 * Local SGD with an outer optimizer: the ranks train on their own, and every few steps the mean of what they have learned is a gradient for the
 * weights that they share. Running statistics become their mean.
 *
 * d = mean over ranks of (shared - own);  v = momentum * v + d;  shared -= learningRate * (d + momentum * v);  own = shared
 *
 * Source: Douillard et al. 2023, "DiLoCo" (arXiv:2311.08105), algorithm 1, with Nesterov momentum as PyTorch's SGD has it. Each rank keeps the state
 * of its inner optimizer.
 */
export class OuterStep {
  readonly #weights: Weights[] = [];
  readonly #shared: Float32Array;
  readonly #velocity: Float32Array;
  readonly #group: ProcessGroup;
  readonly #every: number;
  readonly #learningRate: number;
  readonly #momentum: number;
  #lastStep = 0;

  constructor(model: Module, group: ProcessGroup, { steps, learningRate = 0.7, momentum = 0.9 }: LocalSteps) {
    this.#group = group;
    this.#every = steps;
    this.#learningRate = learningRate;
    this.#momentum = momentum;
    const seen = new Set<Tensor>();
    let at = 0;
    for (const [name, own] of model.namedTensors()) {
      if (seen.has(own)) continue;
      seen.add(own);
      this.#weights.push({ name, own, at });
      at += own.size;
    }
    this.#shared = new Float32Array(at);
    this.#velocity = new Float32Array(at);
    for (const { own, at: place } of this.#weights) this.#shared.set(own.data, place);
  }

  /** Whether the weights are exchanged after this step. */
  isDue(step: number): boolean {
    return step % this.#every === 0;
  }

  /** Exchanges the weights as they are after `step`, unless that has been done. */
  async exchange(step: number): Promise<void> {
    if (step === this.#lastStep) return;
    const shared = this.#shared;
    const change = shared.slice();
    for (const { own, at } of this.#weights) {
      const { data } = own;
      for (let i = 0; i < data.length; i++) change[at + i] -= data[i];
    }
    await this.#group.allReduce(change);
    const { size } = this.#group;
    for (const { own, at } of this.#weights) {
      const isTrained = own instanceof Parameter;
      const [rate, momentum] = isTrained ? [this.#learningRate, this.#momentum] : [1, 0];
      const { data } = own;
      const velocity = this.#velocity;
      for (let i = at; i < at + data.length; i++) {
        const mean = change[i] / size;
        velocity[i] = momentum * velocity[i] + mean;
        shared[i] -= rate * (mean + momentum * velocity[i]);
      }
      data.set(shared.subarray(at, at + data.length));
    }
    this.#lastStep = step;
  }

  saveState(): { values: unknown; tensors: StateDict } {
    const tensors: StateDict = new Map();
    for (const { name, own, at } of this.#weights) {
      const shape = [...own.shape];
      tensors.set(`shared.${name}`, { shape, data: this.#shared.slice(at, at + own.size) });
      tensors.set(`velocity.${name}`, { shape, data: this.#velocity.slice(at, at + own.size) });
    }
    return { values: { step: this.#lastStep }, tensors };
  }

  /** Throws `StateDictError` when the state is of another model; nothing changes then. */
  loadState({ values, tensors }: { values: unknown; tensors: StateDict }): void {
    const { step } = (values ?? {}) as { step?: unknown };
    const entries = this.#weights.map(({ name, own, at }) => {
      const [shared, velocity] = [tensors.get(`shared.${name}`), tensors.get(`velocity.${name}`)];
      if (shared && velocity && sameShape(shared.shape, own.shape) && sameShape(velocity.shape, own.shape)) {
        return { shared, velocity, at };
      }
      throw new StateDictError(`The outer step has no ${name} of this model's shape. Nothing was loaded.`);
    });
    if (!Number.isInteger(step)) throw new StateDictError('The outer step has no number. Nothing was loaded.');
    for (const { shared, velocity, at } of entries) {
      this.#shared.set(shared.data, at);
      this.#velocity.set(velocity.data, at);
    }
    this.#lastStep = step as number;
  }
}

import { expectOwn } from '../base/copies.js';
import { ArgumentError, StateDictError } from '../base/errors.js';
import { formatShape, sameShape } from '../base/shape.js';
import type { StateDict } from '../base/stateDict.js';
import { optimizerKernels } from '../kernels/families/optimizers.js';
import type { Module } from '../layers/module.js';
import { Parameter } from '../tensor/parameter.js';
import { withoutScope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { checkCount, checkRange } from './options.js';

/** Weights that follow the ones in training. `fit` calls `update` after each step. */
export interface WeightAverage {
  /** `step` counts from 1; `progress` is the fraction of training that is done, 0 to 1. */
  update(step: number, progress: number): void;
  /** Swaps the model's weights with the averaged ones. A second call restores the trained weights. */
  swap(): void;
  /** Everything needed to resume, for a checkpoint. */
  stateDict(): { values: unknown; tensors: StateDict };
  /** Throws `StateDictError` when the state is from another model; nothing changes then. */
  loadStateDict(state: { values: unknown; tensors: StateDict }): void;
}

/** A second set of all parameters and buffers of a model. */
export class SecondWeights {
  readonly #pairs: { name: string; own: Tensor; second: Tensor }[] = [];
  /** The last step that was updated, or null before the first update. */
  #step: number | null = null;

  constructor(
    readonly who: string,
    model: Module,
  ) {
    const seen = new Set<Tensor>();
    for (const [name, own] of model.namedTensors()) {
      expectOwn(`${who}: ${name}`, own);
      if (seen.has(own)) continue;
      seen.add(own);
      const second = withoutScope(() => Tensor.empty(who, own.shape));
      second.data.set(own.floats);
      this.#pairs.push({ name, own, second });
    }
  }

  /** Records an update at `step`, by default the one after the last, and returns it. */
  advance(step: number = (this.#step ?? 0) + 1): number {
    checkCount(this.who, 'step', step, 0);
    this.#step = step;
    return step;
  }

  /** second = keep * second + (1 - keep) * own; frozen weights, which equal their own mean, exactly. */
  follow(keep: number): void {
    checkRange(this.who, 'decay', keep, 0, 1);
    for (const { own, second } of this.#pairs) {
      if (own instanceof Parameter && !own.requiresGrad) second.data.set(own.floats);
      else optimizerKernels.blend(second.data, own.floats, keep, 1 - keep);
    }
  }

  /** Copies the second weights into the model. */
  putBack(): void {
    this.#needsUpdate();
    for (const { own, second } of this.#pairs) own.dataToOverwrite.set(second.data);
  }

  swap(): void {
    this.#needsUpdate();
    for (const { own, second } of this.#pairs) {
      const kept = own.floats.slice();
      own.floatsToWrite.set(second.data);
      second.data.set(kept);
    }
  }

  stateDict(): { values: { step: number | null }; tensors: StateDict } {
    const tensors: StateDict = new Map();
    for (const { name, second } of this.#pairs) {
      tensors.set(name, { shape: [...second.shape], data: Float32Array.from(second.data) });
    }
    return { values: { step: this.#step }, tensors };
  }

  /** A state without a step counts as updated; null means the weights were never updated. */
  loadStateDict({ values, tensors: state }: { values: unknown; tensors: StateDict }): void {
    const { step = 0 } = (values ?? {}) as { step?: unknown };
    if (step !== null && (!Number.isInteger(step) || (step as number) < 0)) {
      throw new StateDictError(
        `${this.who}.loadStateDict: step is ${step}, but must be a whole number >= 0. Nothing was loaded.`,
      );
    }
    for (const { name, second } of this.#pairs) {
      const shape = state.get(name)?.shape;
      if (shape === undefined || !sameShape(shape, second.shape)) {
        const found = shape === undefined ? 'is missing' : `has shape ${formatShape(shape)}`;
        throw new StateDictError(
          `${this.who}.loadStateDict: ${name} ${found}, but the model has ${formatShape(second.shape)}. Nothing was loaded.`,
        );
      }
    }
    for (const { name, second } of this.#pairs) second.data.set(state.get(name)?.data ?? []);
    this.#step = step as number | null;
  }

  /** Before an update, the second weights are those that the model had when this was created: training would be lost. */
  #needsUpdate(): void {
    if (this.#step !== null) return;
    throw new ArgumentError(
      `${this.who}: there was no update, so this still has the weights from before training. Pass it to fit, or call update() after each step.`,
    );
  }

  dispose(): void {
    for (const { second } of this.#pairs) second.dispose();
  }
}

import { TreeSum } from '../../distributed/treeSum.js';
import type { Module } from '../../layers/module.js';
import type { Tensor } from '../../tensor/tensor.js';

/**
 * What a step does to the buffers of a model, such as running statistics. Every micro-batch begins with the same buffers; what it changes is
 * weighed by its share of the batch, and the changes are added in a binary tree. Buffers that no micro-batch changes keep their bits.
 *
 * For a batch norm, running = (1 - momentum) running + momentum * mean over the micro-batches: one update per step.
 */
export class BufferChanges {
  readonly #buffers: { tensor: Tensor; at: number }[] = [];
  readonly #before: Float32Array;
  readonly #sum: TreeSum;
  readonly #change: Float32Array;

  constructor(model: Module, leaves: number) {
    const seen = new Set<Tensor>();
    let at = 0;
    for (const [, tensor] of model.namedBuffers()) {
      if (seen.has(tensor)) continue;
      seen.add(tensor);
      this.#buffers.push({ tensor, at });
      at += tensor.size;
    }
    this.#before = new Float32Array(at);
    this.#change = new Float32Array(at);
    this.#sum = new TreeSum(leaves, at);
  }

  /** The changes of this rank once the last leaf was added: to be summed over ranks in place. */
  get total(): Float32Array {
    return this.#sum.total;
  }

  begin(): void {
    for (const { tensor, at } of this.#buffers) this.#before.set(tensor.data, at);
  }

  /** Takes what a micro-batch has changed, weighed, and undoes it. */
  add(leaf: number, weight: number): void {
    const before = this.#before;
    const change = this.#change;
    for (const { tensor, at } of this.#buffers) {
      const { data } = tensor;
      for (let i = 0; i < data.length; i++) change[at + i] = (data[i] - before[at + i]) * weight;
      data.set(before.subarray(at, at + data.length));
    }
    this.#sum.add(leaf, 0, change.length, change);
  }

  /** Changes the buffers by the sum. */
  finish(): void {
    const { total } = this.#sum;
    for (const { tensor, at } of this.#buffers) {
      const { data } = tensor;
      for (let i = 0; i < data.length; i++) data[i] += total[at + i];
    }
  }
}

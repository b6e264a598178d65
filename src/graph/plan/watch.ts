import { movementKernels } from '../../kernels/families/movement.js';
import type { Storage } from '../../memory/storage.js';
import { withoutScope } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';

/**
 * Tells whether weights are still those that a plan was made from. Writes of the library count in `storage.version`. Whoever has been given
 * `tensor.data` may write at any time: such weights are compared by a digest of all their numbers in each call.
 */
export class Watch {
  #version: number;
  #digests: Tensor | null = null;

  constructor(readonly storage: Storage) {
    this.#version = storage.version;
    if (storage.isHandedOut) this.#beginDigests();
  }

  /** Whether the numbers may have changed since the last call; from then on it compares with what they are now. */
  hasChanged(): boolean {
    const { storage } = this;
    const written = storage.version !== this.#version;
    this.#version = storage.version;
    if (!storage.isHandedOut) return written;
    if (this.#digests !== null) return movementKernels.hasChanged(this.#digests.floats, storage.data) || written;
    this.#beginDigests();
    return true;
  }

  release(): void {
    this.#digests?.dispose();
    this.#digests = null;
  }

  #beginDigests(): void {
    const { storage } = this;
    const digests = withoutScope(() => Tensor.zeros([movementKernels.digestLength(storage.length)]));
    movementKernels.hasChanged(digests.floats, storage.data);
    this.#digests = digests;
  }
}

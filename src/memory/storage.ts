import { DisposedError, StridenetError } from '../base/errors.js';
import { dryMemory } from './dryRun.js';
import type { Heap } from './heap.js';
import { bytesPerElement, heap as currentHeap, type Floats, floatsAt } from './memory.js';

/** Numbers that are written when the block is read first. */
export interface Deferred {
  run(target: Storage): void;
}

/** A block of the heap, shared by the tensors that view it and given back with the last of them. */
export class Storage {
  readonly heap: Heap = currentHeap();
  readonly bytes: number;
  readonly pointer: number;
  /** How many tensors hold this block. */
  references = 1;
  /** How many of them belong to no scope: see unscoped.ts. */
  unscopedTensors = 0;
  /** How often the library has written to it as a whole, so that whoever keeps something made from it knows when it is old. */
  version = 0;
  /** Somebody outside of the library has a view of it, and may write at any time. */
  isHandedOut = false;
  /** The initial values that are still to fill this block, at the first reading. */
  deferred: Deferred | null = null;
  #view: Floats | null;
  /** Made while nothing is computed: it has a size, but no memory. */
  readonly #isDry: boolean = false;

  /** `op` made it: named in every message about it. */
  constructor(
    readonly length: number,
    readonly op: string,
  ) {
    this.bytes = length * bytesPerElement();
    if (dryMemory() !== null) {
      this.pointer = 0;
      this.#view = null;
      this.#isDry = true;
      return;
    }
    this.pointer = this.heap.allocate(this.bytes, op);
    try {
      this.#view = floatsAt(this.pointer, length, this.heap);
    } catch (error) {
      this.heap.release(this.pointer, this.bytes);
      throw error;
    }
  }

  get released(): boolean {
    return this.#isDry ? this.references <= 0 : this.#view === null;
  }

  /** The floats, made anew when growth of a plain memory has detached the last view. Never keep it across an allocation. */
  get data(): Floats {
    const dry = dryMemory();
    if (dry !== null) return dry.numbersOf(this);
    if (this.#isDry) {
      throw new StridenetError(
        `${this.op}: this tensor holds no numbers, because it was made while the model was captured or summarized. Don't keep tensors of that pass.`,
      );
    }
    const { deferred } = this;
    if (deferred !== null) {
      this.deferred = null;
      deferred.run(this);
    }
    const view = this.#view;
    if (view === null) throw new DisposedError(`${this.op}: released`);
    if (view.length === this.length) return view;
    this.#view = floatsAt(this.pointer, this.length, this.heap);
    return this.#view;
  }

  /** The floats for somebody who writes all of them: initial values that nobody has read are not drawn. */
  get dataToOverwrite(): Floats {
    if (dryMemory() !== null) return this.data;
    this.deferred = null;
    this.version++;
    return this.data;
  }

  retain(): this {
    this.references++;
    return this;
  }

  release(): void {
    if (--this.references > 0 || this.#view === null) return;
    this.deferred = null;
    this.#view = null;
    this.heap.release(this.pointer, this.bytes);
  }
}

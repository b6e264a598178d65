import { DisposedError, StridenetError } from '../base/errors.js';
import { dryMemory } from './dryRun.js';
import type { Heap } from './heap.js';
import { bytesPerElement, heap as currentHeap, type Floats, floatsAt } from './memory.js';

/** A computation that waits until somebody reads what it fills. It holds its operands until `drop`. */
export interface Deferred {
  run(target: Storage): void;
  drop(): void;
  /** The same followed by relu (1) or relu6 (2), holding its operands anew; null where it cannot be had in one pass. */
  activated(activation: 1 | 2): Deferred | null;
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
  /** What is still to fill this block, at the first reading. */
  deferred: Deferred | null = null;
  /** Called once, when the block is given back: for what was made from it. */
  onRelease: (() => void) | null = null;
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
    if (this.deferred !== null) this.#settle(this.deferred);
    const view = this.#view;
    if (view === null) throw new DisposedError(`${this.op}: released`);
    if (view.length === this.length) return view;
    this.#view = floatsAt(this.pointer, this.length, this.heap);
    return this.#view;
  }

  /** The floats for somebody who writes all of them: what waits to fill this block is not computed. */
  get dataToOverwrite(): Floats {
    if (dryMemory() !== null) return this.data;
    const { deferred } = this;
    this.deferred = null;
    deferred?.drop();
    return this.data;
  }

  retain(): this {
    this.references++;
    return this;
  }

  release(): void {
    if (--this.references > 0 || this.#view === null) return;
    this.deferred?.drop();
    this.deferred = null;
    this.#view = null;
    this.heap.release(this.pointer, this.bytes);
    this.onRelease?.();
  }

  #settle(deferred: Deferred): void {
    this.deferred = null;
    try {
      deferred.run(this);
    } finally {
      deferred.drop();
    }
  }
}

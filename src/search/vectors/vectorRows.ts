import { heap } from '../../memory/memory.js';
import { wasmFeatures } from '../../wasm/features.js';
import { compareAll, compareSome } from './dotProgram.js';
import { dotOfRows, type RowFormat, readRow, rowFormat, type VectorPrecision, writeRow } from './rowFormat.js';

/** Rows in one block of memory. */
const BLOCK_ROWS = 16_384;
/** Rows that a list can name in one comparison. */
export const MOST_NAMED = 1024;
/** Bytes of rows that are worth a thread of their own. */
const GRAIN_BYTES = 2 ** 18;

/** Gives the blocks back of rows that became garbage. */
const net =
  typeof FinalizationRegistry === 'undefined'
    ? null
    : new FinalizationRegistry<Block[]>((blocks) => {
        for (const block of blocks.splice(0)) block.of.release(block.pointer, block.bytes);
      });

interface Block {
  readonly of: ReturnType<typeof heap>;
  readonly pointer: number;
  readonly bytes: number;
}

/**
 * Many vectors of one length in the memory of the library, which is never moved, so that programs in several threads can compare a query with all of them, or
 * with some.
 */
export class VectorRows {
  readonly format: RowFormat;
  /** How many rows there are. */
  length = 0;
  readonly #blocks: Block[] = [];
  readonly #heap = heap();
  readonly #hasPrograms = wasmFeatures().simd;
  /** The query, scores of a block, and the pointers and scores of a list. */
  readonly #query: number;
  readonly #scores: number;
  readonly #pointers: number;
  readonly #named: number;
  #some: ((...values: number[]) => void) | null = null;

  constructor(precision: VectorPrecision, dimension: number) {
    this.format = rowFormat(precision, dimension);
    net?.register(this, this.#blocks, this);
    this.#query = this.#reserve(this.format.stride);
    this.#scores = this.#reserve(4 * BLOCK_ROWS);
    this.#pointers = this.#reserve(4 * MOST_NAMED);
    this.#named = this.#reserve(4 * MOST_NAMED);
  }

  #reserve(bytes: number): number {
    const block = { of: this.#heap, pointer: this.#heap.allocate(bytes, 'ImageIndex'), bytes };
    this.#blocks.push(block);
    return block.pointer;
  }

  /** Gives all memory back. */
  release(): void {
    net?.unregister(this);
    for (const { of, pointer, bytes } of this.#blocks.splice(0)) of.release(pointer, bytes);
    this.length = 0;
  }

  /** Appends a vector; returns its number. */
  push(vector: ArrayLike<number>): number {
    const i = this.#grow();
    writeRow(this.format, this.row(i), vector);
    return i;
  }

  /** Appends a row as `row` gives it. */
  pushRow(bytes: Uint8Array): number {
    const i = this.#grow();
    this.row(i).set(bytes);
    return i;
  }

  #grow(): number {
    if (this.length % BLOCK_ROWS === 0) this.#reserve(BLOCK_ROWS * this.format.stride);
    return this.length++;
  }

  /** The bytes of a row: a view. */
  row(i: number): Uint8Array {
    return this.#bytes(this.pointer(i));
  }

  /** The vector of a row. */
  vector(i: number): Float32Array {
    return readRow(this.format, this.row(i));
  }

  /** Where a row is in memory. The first four blocks hold what is not rows. */
  pointer(i: number): number {
    const block = this.#blocks[4 + Math.floor(i / BLOCK_ROWS)];
    return block.pointer + (i % BLOCK_ROWS) * this.format.stride;
  }

  #bytes(pointer: number): Uint8Array {
    return new Uint8Array(this.#heap.memory.buffer, pointer, this.format.stride);
  }

  /** What the next comparisons compare with: a vector. */
  setQuery(vector: ArrayLike<number>): void {
    writeRow(this.format, this.#bytes(this.#query), vector);
  }

  /** Calls `visit` with the scores of rows `first`, `first` + 1 and so on, until all rows were compared with the query. */
  compareAll(visit: (first: number, scores: Float32Array) => void): void {
    const { precision, stride, turns } = this.format;
    for (let first = 0; first < this.length; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, this.length - first);
      const scores = new Float32Array(this.#heap.memory.buffer, this.#scores, count);
      if (this.#hasPrograms) {
        const entry = compareAll[precision === 'int8' ? 'allInt8' : 'allFloat32'];
        const values = { y: this.#scores, query: this.#query, rows: this.pointer(first), stride, turns };
        entry.run(values, count, Math.max(64, Math.ceil(GRAIN_BYTES / stride)));
      } else {
        const query = this.#bytes(this.#query);
        for (let i = 0; i < count; i++) scores[i] = dotOfRows(this.format, query, this.row(first + i));
      }
      visit(first, scores);
    }
  }

  /**
   * The scores of some rows, at most `MOST_NAMED`, with the query (-1) or with a row. The next call overwrites them.
   */
  compareSome(with_: number, rows: Int32Array, count: number): Float32Array {
    const { buffer } = this.#heap.memory;
    const scores = new Float32Array(buffer, this.#named, count);
    const query = with_ < 0 ? this.#query : this.pointer(with_);
    if (!this.#hasPrograms) {
      const bytes = this.#bytes(query);
      for (let i = 0; i < count; i++) scores[i] = dotOfRows(this.format, bytes, this.row(rows[i]));
      return scores;
    }
    const pointers = new Int32Array(buffer, this.#pointers, count);
    for (let i = 0; i < count; i++) pointers[i] = this.pointer(rows[i]);
    this.#some ??= compareSome()[this.format.precision];
    this.#some(this.#named, query, this.#pointers, this.format.turns, 0, count, 0);
    return scores;
  }
}

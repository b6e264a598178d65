import { OutOfMemoryError } from '../base/errors.js';
import { FreeBlocks } from './freeBlocks.js';
import { createMemory } from './heapMemory.js';

const PAGE_BYTES = 65536;
/** A cache line. Also the slack behind every block, so that a vector load at its end stays inside the memory. */
const ALIGNMENT = 64;
const MEBIBYTE = 2 ** 20;

const caches: (() => number)[] = [];

/** `giveUp` is called when the memory cannot grow, to release blocks that can be made again; it returns how many bytes that was. */
export function whenMemoryIsShort(giveUp: () => number): void {
  caches.push(giveUp);
}

const explanations: (() => string)[] = [];

/** `explain` adds a sentence, or nothing, to what the heap says when memory is out: what holds it, and how to release that. */
export function whenMemoryIsOut(explain: () => string): void {
  explanations.push(explain);
}

export interface HeapOptions {
  /** Shared with workers. Default: where the platform has SharedArrayBuffer. */
  shared?: boolean | undefined;
  /** The most the heap may grow to, in bytes. Default and upper limit: 4 GiB. */
  maximumBytes?: number | undefined;
}

/**
 * The one memory that holds all tensor data: a WebAssembly.Memory that grows, and a map of its free blocks. Where there is no
 * WebAssembly, an ArrayBuffer does.
 *
 * A block's byte offset is the pointer that a SIMD kernel gets. Growing a shared memory keeps old views valid; growing
 * a plain one detaches them, so nobody may hold a view across an allocation (`Storage.data` makes it anew).
 */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly maximumBytes: number;
  readonly shared: boolean;
  liveBytes = 0;
  peakBytes = 0;
  /** What `liveBytes` may not pass for now: see `withMemoryLimit`. */
  ceiling = Infinity;
  /** In cache lines: such numbers are small integers to V8, which bytes past 2^30 are not. */
  readonly #free = new FreeBlocks();

  constructor(options: HeapOptions = {}) {
    const wanted = Math.min(options.maximumBytes ?? 2 ** 32, 2 ** 32);
    this.shared = options.shared ?? canShare();
    const [memory, maximumBytes] = createMemory(this.shared, wanted);
    this.memory = memory;
    this.maximumBytes = maximumBytes;
    // Byte 0 is never handed out: a pointer of 0 means "none" to a kernel.
    this.#free.add(1, memory.buffer.byteLength / ALIGNMENT - 1);
  }

  /** The bytes that the memory has grown to; pages never touched cost no resident memory. */
  get heapBytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Reserves `bytes` (not cleared) and returns their byte offset. `who` is named if the memory is exhausted. */
  allocate(bytes: number, who: string): number {
    // Nothing below this line sees a size that is no number, or that its whole-number arithmetic cannot hold.
    if (!(bytes >= 0 && bytes <= this.maximumBytes)) throw this.#exhausted(bytes, who);
    const size = blockSize(bytes);
    if (this.liveBytes + size > this.ceiling) {
      throw new OutOfMemoryError(
        `${who}: asked for ${mebibytes(bytes)} MiB, which is past the limit that whoever runs it has set.`,
      );
    }
    let line = this.#free.take(size / ALIGNMENT);
    if (line === undefined) {
      this.#makeRoom(size, bytes, who);
      line = this.#free.take(size / ALIGNMENT) as number;
    }
    this.liveBytes += size;
    if (this.liveBytes > this.peakBytes) this.peakBytes = this.liveBytes;
    return ALIGNMENT * line;
  }

  /** Gives back what `allocate(bytes)` returned. */
  release(pointer: number, bytes: number): void {
    const size = blockSize(bytes);
    this.liveBytes -= size;
    this.#free.add(pointer / ALIGNMENT, size / ALIGNMENT);
  }

  /** Grows the memory; where it cannot, caches are given up first. */
  #makeRoom(size: number, bytes: number, who: string): void {
    try {
      this.#grow(size, bytes, who);
    } catch (error) {
      const given = caches.reduce((sum, giveUp) => sum + giveUp(), 0);
      if (given === 0) throw error;
      const line = this.#free.take(size / ALIGNMENT);
      if (line === undefined) this.#grow(size, bytes, who);
      else this.#free.add(line, size / ALIGNMENT);
    }
  }

  #grow(size: number, bytes: number, who: string): void {
    const before = this.heapBytes;
    const tail = ALIGNMENT * this.#free.endingAt(before / ALIGNMENT);
    const missing = size - tail;
    const room = this.maximumBytes - before;
    // A quarter more at a time, so that a growing program grows the memory a few dozen times, not thousands.
    for (const step of [Math.max(missing, before / 4, 4 * MEBIBYTE), missing]) {
      const pages = Math.ceil(step / PAGE_BYTES);
      if (pages * PAGE_BYTES > room) continue;
      try {
        this.memory.grow(pages);
      } catch {
        continue;
      }
      this.#free.add(before / ALIGNMENT, (this.heapBytes - before) / ALIGNMENT);
      return;
    }
    throw this.#exhausted(bytes, who);
  }

  #exhausted(bytes: number, who: string): OutOfMemoryError {
    const reasons = explanations.map((explain) => explain()).filter((reason) => reason !== '');
    const hints = reasons.map((reason) => ` ${reason}`).join('');
    return new OutOfMemoryError(
      `${who}: out of memory: asked for ${mebibytes(bytes)} MiB, but the heap holds ${mebibytes(this.liveBytes)} MiB and cannot grow past ${mebibytes(this.maximumBytes)} MiB in one piece. Use a smaller batch or image, or run without a tape where no gradient is needed.${hints}`,
    );
  }
}

/** What a request for `bytes` takes from the heap. */
export function blockSize(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT + ALIGNMENT;
}

function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}

function canShare(): boolean {
  if (typeof SharedArrayBuffer === 'undefined' || typeof WebAssembly === 'undefined') return false;
  const isolated = (globalThis as { crossOriginIsolated?: boolean | undefined }).crossOriginIsolated;
  return isolated !== false;
}

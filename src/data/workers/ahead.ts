import type { ImageShape } from '../dataset.js';
import { presentPlan } from '../epochImages.js';
import type { BatchImages, BatchPlan, EpochImages } from '../epochPlan.js';
import { toFloat } from '../image.js';
import type { Stack, Stacker } from '../stack.js';
import type { Job, Making } from './job.js';
import type { Delivery } from './taskThread.js';
import type { DataThread } from './thread.js';

/** A batch before it is a tensor, and where in the data set its images stand. */
export interface Prepared {
  stack: Stack;
  indices: Int32Array;
}

interface Posted {
  thread: DataThread;
  delivery: Delivery<{ stack: Stack }>;
  indices: Int32Array;
}

/** The batches of an epoch, made by worker threads ahead of whoever takes them. */
export class Ahead {
  readonly #making: string;
  readonly #queue: Posted[] = [];
  readonly #threads: readonly DataThread[];
  readonly #room: number;
  #next: number;
  #end: number;

  constructor(
    readonly images: EpochImages,
    readonly stacker: Stacker,
    /** At least one worker, the first and the end of the batches, and how many are under way besides the one that is waited for. */
    options: { threads: readonly DataThread[]; first: number; end: number; room: number },
    readonly planOf: (k: number) => BatchPlan,
  ) {
    this.#threads = options.threads;
    this.#next = options.first;
    this.#end = options.end;
    this.#room = options.room;
    const { shape, transform, last } = stacker;
    this.#making = JSON.stringify({ shape, transform: transform?.spec, last: last?.spec } satisfies Making);
  }

  /**
   * The next batch; undefined when it must be made in this thread: where that may not block, or when the data set gave no
   * images, which then happens again where it can be caught.
   *
   * Throws what the worker threw, or `StridenetError` when it died.
   */
  take(): Prepared | undefined {
    const first = this.#shift();
    if (first === undefined || !first.thread.wait(first.delivery)) return undefined;
    return { stack: first.delivery.value.stack, indices: first.indices };
  }

  /** The same without blocking. */
  async takeLater(): Promise<Prepared | undefined> {
    if (this.#queue.length === 0 && this.#next < this.#end)
      await this.images.takeLater(this.#next).catch(() => undefined);
    const first = this.#shift();
    if (first === undefined) return undefined;
    await first.thread.settled(first.delivery);
    return { stack: first.delivery.value.stack, indices: first.indices };
  }

  #shift(): Posted | undefined {
    this.#fill(1);
    const first = this.#queue.shift();
    this.#fill(this.#room);
    return first;
  }

  #fill(room: number): void {
    for (; this.#queue.length < room && this.#next < this.#end; this.#next++) {
      // Images that are still being made are waited for only when nothing else is there to deliver.
      if (this.#queue.length > 0 && !this.images.isReady(this.#next)) return;
      let plan = this.planOf(this.#next);
      let images: Job['images'];
      try {
        const taken = this.images.take(this.#next);
        images = gather(taken, plan.indices.length, this.stacker.shape);
        plan = presentPlan(plan, taken);
      } catch {
        this.#end = this.#next;
        return;
      }
      const thread = this.#threads.reduce((least, other) => (other.pending < least.pending ? other : least));
      const delivery = thread.post({ making: this.#making, plan, images, spare: this.stacker.takeSpare() });
      this.#queue.push({ thread, delivery, indices: plan.indices });
    }
  }
}

/** The images as they are, copied: bytes, or floats if one of them is. */
function gather(taken: BatchImages, count: number, [channels, height, width]: ImageShape): Job['images'] {
  const places = taken.present ?? Int32Array.from({ length: count }, (_, n) => n);
  const size = channels * height * width;
  let images: Job['images'] = new Uint8Array(places.length * size);
  for (const [slotAt, n] of places.entries()) {
    const image = taken.at(n);
    if (image instanceof Float32Array && images instanceof Uint8Array) {
      images = toFloat(images, new Float32Array(images.length)) as Float32Array<ArrayBuffer>;
    }
    const slot = images.subarray(slotAt * size, (slotAt + 1) * size);
    if (slot instanceof Float32Array) toFloat(image, slot);
    else slot.set(image);
  }
  return images;
}

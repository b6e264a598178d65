import type { Dataset } from '../dataset.js';
import { toFloat } from '../image.js';
import { imageAt } from '../imageAt.js';
import type { BatchPlan, Stack, Stacker } from '../stack.js';
import type { Job, Making } from './job.js';
import type { DataThread, Delivery } from './thread.js';

/** The batches of an epoch, made by worker threads ahead of whoever takes them. */
export class Ahead {
  readonly #making: string;
  readonly #queue: { thread: DataThread; delivery: Delivery }[] = [];
  readonly #threads: readonly DataThread[];
  readonly #room: number;
  #next: number;
  #end: number;

  constructor(
    readonly dataset: Dataset,
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
  take(): Stack | undefined {
    const first = this.#shift();
    if (first === undefined || !first.thread.wait(first.delivery)) return undefined;
    return first.delivery.stack;
  }

  /** The same without blocking. */
  async takeLater(): Promise<Stack | undefined> {
    const first = this.#shift();
    if (first === undefined) return undefined;
    await first.thread.settled(first.delivery);
    return first.delivery.stack;
  }

  #shift(): { thread: DataThread; delivery: Delivery } | undefined {
    this.#fill(1);
    const first = this.#queue.shift();
    this.#fill(this.#room);
    return first;
  }

  #fill(room: number): void {
    for (; this.#queue.length < room && this.#next < this.#end; this.#next++) {
      const plan = this.planOf(this.#next);
      let images: Job['images'];
      try {
        images = gather(this.dataset, plan.indices);
      } catch {
        this.#end = this.#next;
        return;
      }
      const thread = this.#threads.reduce((least, other) => (other.pending < least.pending ? other : least));
      const delivery = thread.post({ making: this.#making, plan, images, spare: this.stacker.takeSpare() });
      this.#queue.push({ thread, delivery });
    }
  }
}

/** The images as they are, copied: bytes, or floats if one of them is. */
function gather(dataset: Dataset, indices: Int32Array): Job['images'] {
  const [channels, height, width] = dataset.shape;
  const size = channels * height * width;
  let images: Job['images'] = new Uint8Array(indices.length * size);
  for (let n = 0; n < indices.length; n++) {
    const image = imageAt('DataLoader', dataset, indices[n]);
    if (image instanceof Float32Array && images instanceof Uint8Array) {
      images = toFloat(images, new Float32Array(images.length)) as Float32Array<ArrayBuffer>;
    }
    const slot = images.subarray(n * size, (n + 1) * size);
    if (slot instanceof Float32Array) toFloat(image, slot);
    else slot.set(image);
  }
  return images;
}

import type { BatchImages, EpochImages, EpochPlan } from '../../data/epochPlan.js';
import type { PhotoJob } from './photoJob.js';
import { type PostedPhoto, postPhoto } from './photoThreads.js';

/** What an epoch asks of the data set whose photographs it prepares. */
export interface PhotoShelf {
  readonly threads: number;
  /** The job of image i, without augmentation if `seed` is null; null if it is known that the image cannot be read. */
  jobOf(i: number, seed: string | null): Omit<PhotoJob, 'canceled'> | null;
  /** Image i cannot be read: throws, or takes note and leaves it out. */
  refuse(i: number, error: unknown): void;
}

interface PostedBatch {
  indices: Int32Array;
  photos: (PostedPhoto | null)[];
}

/**
 * The photographs of an epoch, prepared by threads ahead of the loader, at most `prefetch` batches. What an image is depends on the plan and
 * its place alone, not on the threads.
 */
export class PhotoEpoch implements EpochImages {
  readonly #posted = new Map<number, PostedBatch>();
  readonly #canceled = new Int32Array(new SharedArrayBuffer(4));
  #next: number;

  constructor(
    readonly shelf: PhotoShelf,
    readonly plan: EpochPlan,
  ) {
    this.#next = plan.first;
    if (plan.prefetch > 0) this.#post(plan.first + plan.prefetch - 1);
  }

  isReady(k: number): boolean {
    return (this.#posted.get(k)?.photos ?? [undefined]).every((photo) => {
      if (photo === null) return true;
      photo?.thread.poll();
      return photo?.delivery.outcome !== undefined;
    });
  }

  take(k: number): BatchImages {
    const batch = this.#begin(k);
    for (const photo of batch.photos) photo?.thread.wait(photo.delivery);
    return this.#imagesOf(batch);
  }

  async takeLater(k: number): Promise<BatchImages> {
    const batch = this.#begin(k);
    for (const photo of batch.photos) await photo?.thread.settled(photo.delivery);
    return this.#imagesOf(batch);
  }

  close(): void {
    Atomics.store(this.#canceled, 0, 1);
    this.#posted.clear();
  }

  /** Posts what comes after batch k before anybody waits for k; the batches before it are not needed any more. */
  #begin(k: number): PostedBatch {
    for (const before of this.#posted.keys()) if (before < k) this.#posted.delete(before);
    this.#post(k + this.plan.prefetch);
    return this.#posted.get(k) as PostedBatch;
  }

  #post(last: number): void {
    for (; this.#next <= last && this.#next < this.plan.end; this.#next++) {
      const { indices, seed } = this.plan.batch(this.#next);
      const photos = Array.from(indices, (i, n) => {
        const job = this.shelf.jobOf(i, this.plan.plain ? null : `${seed}/photo/${n}`);
        return job && postPhoto(this.shelf.threads, { ...job, canceled: this.#canceled });
      });
      this.#posted.set(this.#next, { indices, photos });
    }
  }

  #imagesOf({ indices, photos }: PostedBatch): BatchImages {
    const present: number[] = [];
    for (const [n, photo] of photos.entries()) {
      const outcome = photo?.delivery.outcome;
      if (outcome !== undefined && 'error' in outcome) this.shelf.refuse(indices[n], outcome.error);
      else if (photo !== null) present.push(n);
    }
    return {
      present: present.length === indices.length ? undefined : Int32Array.from(present),
      at: (n) => (photos[n] as PostedPhoto).delivery.value.pixels,
    };
  }
}

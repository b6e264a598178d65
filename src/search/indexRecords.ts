import { describeValue } from '../base/describeValue.js';
import { ArgumentError, StridenetError } from '../base/errors.js';
import { type Photo, readPhoto } from '../classifier/photo.js';
import type { Picture } from '../classifier/picture.js';
import type { Metadata } from './filter.js';
import { type Fingerprint, fingerprint } from './hash/fingerprint.js';

/** A photograph for an index. */
export interface PhotoRecord {
  /** What it is called, such as its path. Adding an id again replaces its photograph. */
  readonly id: string;
  /** The photograph: a path, bytes, or pixels. */
  readonly photo: Photo;
  /** Anything JSON can hold, for filters and results. */
  readonly metadata?: Metadata | undefined;
}

/** A vector for an index, without a photograph. */
export interface VectorRecord {
  /** What it is called. Adding an id again replaces its vector. */
  readonly id: string;
  /** As many numbers as every other vector of the index. */
  readonly vector: ArrayLike<number>;
  /** Anything JSON can hold, for filters and results. */
  readonly metadata?: Metadata | undefined;
}

/** A photograph that couldn't be read. */
export interface RefusedPhoto {
  /** What it would have been called. */
  readonly id: string;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** A photograph that was read. */
export interface ReadRecord {
  readonly record: PhotoRecord;
  readonly picture: Picture;
  readonly print: Fingerprint;
}

/** The photographs of some records; those that can't be read go to `refused`. */
export async function readRecords(records: readonly PhotoRecord[], refused: RefusedPhoto[]): Promise<ReadRecord[]> {
  const read: ReadRecord[] = [];
  for (const record of records) {
    try {
      const picture = await readPhoto(record.photo);
      read.push({ record, picture, print: await fingerprint(picture) });
    } catch (error) {
      if (!(error instanceof StridenetError) || error instanceof ArgumentError) throw error;
      const name = typeof record.photo === 'string' ? '' : `${record.id}: `;
      refused.push({ id: record.id, reason: `${name}${error.message}` });
    }
  }
  return read;
}

/** Throws `ArgumentError` unless a record has an id. */
export function checkRecord(who: string, record: { readonly id: string }): void {
  if (typeof record === 'object' && record !== null && typeof record.id === 'string' && record.id !== '') return;
  throw new ArgumentError(
    `${who}: a record is ${describeValue(record)}, but must be an object with an id, a text that isn't empty.`,
  );
}

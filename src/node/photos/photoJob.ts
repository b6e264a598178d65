import type { PhotoPreparation } from './preparation.js';

/** Where the bytes of a photograph are: a whole file, a part of one, or in memory. */
export type PhotoSource = { path: string; begin?: number | undefined; end?: number | undefined } | PhotoBytes;

/** Bytes in memory, with a name for errors. */
export interface PhotoBytes {
  name: string;
  bytes: Uint8Array;
}

/** A photograph to prepare, or to measure. */
export interface PhotoJob {
  source: PhotoSource;
  /** A `PhotoPreparation` as JSON. */
  preparation: string;
  /** All chance grows from it; null: no augmentation. */
  seed: string | null;
  /** A folder that keeps photographs after their first, costly part. */
  cache: string | null;
  /** Its only word is not 0 once nobody wants the result any more. */
  cancelled: Int32Array<SharedArrayBuffer>;
}

/** Pixels [C, H, W] as bytes; empty if the job was cancelled. */
export interface PreparedPhoto {
  pixels: Uint8Array<ArrayBuffer>;
}

/** What is said of a photograph in errors. */
export function nameOf(source: PhotoSource): string {
  if ('bytes' in source) return source.name;
  return source.begin === undefined ? source.path : `${source.path} (bytes ${source.begin} to ${source.end})`;
}

export type { PhotoPreparation };

import type { PhotoMeasures } from './measurePhoto.js';

/** Where the bytes of a photograph are: a whole file, a part of one, or in memory. */
export type PhotoSource = PhotoFile | PhotoBytes;

/** A file, or the bytes from `begin` to `end` of it. */
export interface PhotoFile {
  path: string;
  begin?: number | undefined;
  end?: number | undefined;
  /** For errors. Default: the path. */
  name?: string | undefined;
}

/** Bytes in memory, with a name for errors. */
export interface PhotoBytes {
  name?: string | undefined;
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
  /** Whether it is measured too. */
  measured?: boolean | undefined;
  /** Its only word is not 0 once nobody wants the result any more. */
  canceled: Int32Array<SharedArrayBuffer>;
}

/** Pixels [C, H, W] as bytes; empty if the job was canceled. */
export interface PreparedPhoto {
  pixels: Uint8Array<ArrayBuffer>;
  /** Where the job asked for them. */
  measures?: PhotoMeasures | undefined;
}

/** What is said of a photograph in errors. */
export function nameOf(source: PhotoSource): string {
  if (source.name !== undefined) return source.name;
  if ('bytes' in source) return 'a photograph in memory';
  return source.begin === undefined ? source.path : `${source.path} (bytes ${source.begin} to ${source.end})`;
}

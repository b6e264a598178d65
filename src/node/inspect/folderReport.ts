import type { MeanStd } from '../../data/transforms/index.js';
import type { ImageFolderOptions } from '../folder/imageFolder.js';
import type { SkippedFile } from '../folder/skippedFiles.js';
import type { Spread } from './spread.js';

/** Which images `inspectFolder` looks at, and what it writes. */
export interface InspectFolderOptions
  extends Pick<
    ImageFolderOptions,
    'split' | 'labels' | 'classes' | 'multiLabel' | 'extensions' | 'decode' | 'mode' | 'size' | 'threads'
  > {
  /** A folder for pictures: a contact sheet, the mean image and others, sizes. Default: none are drawn. */
  out?: string | undefined;
  /** Photographs of each class on the contact sheet. Default: 24. */
  perClass?: number | undefined;
  /** Bits out of 64 in which the hashes of near duplicates may differ. Default: 4. */
  distance?: number | undefined;
  /** Called after each photograph. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Every option, for the message about one that is not. */
export const INSPECT_OPTIONS = [
  ...['split', 'labels', 'classes', 'multiLabel', 'extensions', 'decode', 'mode', 'size', 'threads'],
  ...['out', 'perClass', 'distance', 'onProgress'],
];

/** One part of a folder: all of it, or `train`, `val` or `test`. */
export interface FolderPart {
  /** The name of the part; null where the folder is not divided. */
  split: string | null;
  /** How many images it has. */
  images: number;
  /** How many images each class has. */
  classes: Record<string, number>;
}

/** What `inspectFolder` finds. Paths are relative to the folder. */
export interface FolderReport {
  /** The folder that was inspected. */
  folder: string;
  /** Image files, those that cannot be read too. */
  images: number;
  /** The parts of the folder, each with its classes. */
  parts: FolderPart[];
  /** Files that cannot be read, and why. */
  skipped: SkippedFile[];
  /** How many files have each format. */
  formats: Record<string, number>;
  /** What the files hold, in Pillow's words: RGB, L, CMYK and so on. */
  fileModes: Record<string, number>;
  /** Photographs whose pixels are all gray. */
  gray: number;
  /** Photographs that EXIF says must be turned. */
  turned: number;
  /** Pixels, upright. */
  width: Spread;
  /** Pixels, upright. */
  height: Spread;
  /** Width by height. */
  aspectRatio: Spread;
  /** Sizes of the files. */
  fileBytes: Spread;
  /** Of each channel, on the scale 0 to 1, of images as `imageFolder` prepares them: what `normalize` wants. */
  channels: MeanStd;
  /** Groups of files with the same pixels. */
  duplicates: string[][];
  /** Groups of files that look alike, those with the same pixels among them. */
  nearDuplicates: string[][];
  /** What may harm training, in sentences. */
  warnings: string[];
  /** The pictures that were drawn. */
  pictures: string[];
}

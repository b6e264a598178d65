import { checkOptions } from '../base/checkOptions.js';
import { DataError } from '../base/errors.js';
import { CIFAR100_COARSE, CIFAR100_FINE } from './cifar100Classes.js';
import { ImageDataset } from './dataset.js';

/** The classes of CIFAR-10 in the order of their labels. */
export const CIFAR10_CLASSES = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');

const SHAPE = [3, 32, 32] as const;
const PIXELS = 3 * 32 * 32;
const FORMATS = [
  { format: 'CIFAR-10', recordBytes: 1 + PIXELS, reader: 'parseCifar10' },
  { format: 'CIFAR-100', recordBytes: 2 + PIXELS, reader: 'parseCifar100' },
] as const;

/** The bytes of a file, and the name that messages about it use. */
export interface NamedBytes {
  /** The file name, which error messages mention. */
  name: string;
  /** The content of the file. */
  bytes: Uint8Array;
}

/**
 * Reads one or more files of CIFAR-10's binary version: records of 3,073 bytes, a label and then 32 x 32 red, green and
 * blue bytes.
 *
 * Throws `DataError` for an empty or truncated file and for a label above 9, naming the file, the record and the value.
 *
 * Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images"; the layout stands on its web page.
 *
 * @example
 * parseCifar10(new Uint8Array(await response.arrayBuffer())).length; // 10000
 */
export function parseCifar10(files: Uint8Array | readonly NamedBytes[]): ImageDataset {
  return parseRecords(named(files, 'CIFAR-10 file'), 1, 0, CIFAR10_CLASSES);
}

/**
 * Reads one or more files of CIFAR-100's binary version: records of 3,074 bytes, with a coarse label (20 classes) before
 * the fine one (100 classes).
 *
 * Throws `DataError` as `parseCifar10` does.
 */
export function parseCifar100(
  files: Uint8Array | readonly NamedBytes[],
  options: { labels?: 'fine' | 'coarse' | undefined } = {},
): ImageDataset {
  checkOptions('parseCifar100', options, ['labels']);
  const coarse = options.labels === 'coarse';
  return parseRecords(named(files, 'CIFAR-100 file'), 2, coarse ? 0 : 1, coarse ? CIFAR100_COARSE : CIFAR100_FINE);
}

function named(files: Uint8Array | readonly NamedBytes[], name: string): readonly NamedBytes[] {
  return files instanceof Uint8Array ? [{ name, bytes: files }] : files;
}

/** The format of which these bytes are whole records, where they are not of the one that was asked for. */
function otherFormat(bytes: Uint8Array, asked: number): (typeof FORMATS)[number] | null {
  return FORMATS.find(({ recordBytes }) => recordBytes !== asked && bytes.length % recordBytes === 0) ?? null;
}

function parseRecords(
  files: readonly NamedBytes[],
  labelBytes: number,
  labelAt: number,
  classes: readonly string[],
): ImageDataset {
  const recordBytes = labelBytes + PIXELS;
  let count = 0;
  for (const { name, bytes } of files) {
    if (bytes.length === 0) throw new DataError(`${name} is empty; it needs records of ${recordBytes} bytes.`);
    const records = Math.floor(bytes.length / recordBytes);
    const rest = bytes.length % recordBytes;
    if (rest !== 0) {
      const other = otherFormat(bytes, recordBytes);
      if (other !== null) {
        throw new DataError(
          `${name}: its ${bytes.length} bytes are ${bytes.length / other.recordBytes} whole records of ${other.format}, of ${other.recordBytes} bytes each, not of the ${recordBytes} bytes read here. Use ${other.reader}.`,
        );
      }
      throw new DataError(
        `${name} is truncated: its ${bytes.length} bytes hold ${records} whole records of ${recordBytes} bytes and ${rest} bytes of another. Fetch it again.`,
      );
    }
    count += records;
  }
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  let n = 0;
  for (const { name, bytes } of files) {
    for (let start = 0, record = 0; start < bytes.length; start += recordBytes, record++, n++) {
      const label = bytes[start + labelAt];
      if (label >= classes.length) {
        throw new DataError(
          `${name}: record ${record} has the label ${label}, but labels are 0 to ${classes.length - 1}. The file is damaged or of another format; fetch it again.`,
        );
      }
      labels[n] = label;
      images.set(bytes.subarray(start + labelBytes, start + recordBytes), n * PIXELS);
    }
  }
  return new ImageDataset({ images, labels, shape: SHAPE, classes });
}

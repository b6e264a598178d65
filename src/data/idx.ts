import { checkOptions } from '../base/checkOptions.js';
import { DataError, FormatError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { ImageDataset } from './dataset.js';

/** What an idx file holds: numbers of one type and their shape. */
export interface IdxArray {
  /** The sizes of the axes. */
  shape: number[];
  /** The bytes in row-major order. */
  data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

type Reader = (view: DataView, offset: number) => number;

/** The element types by their code in the third byte: bytes an element, an empty array, one element (big endian). */
const TYPES = new Map<number, { bytes: number; make: (n: number) => IdxArray['data']; read: Reader }>([
  [0x08, { bytes: 1, make: (n) => new Uint8Array(n), read: (v, at) => v.getUint8(at) }],
  [0x09, { bytes: 1, make: (n) => new Int8Array(n), read: (v, at) => v.getInt8(at) }],
  [0x0b, { bytes: 2, make: (n) => new Int16Array(n), read: (v, at) => v.getInt16(at) }],
  [0x0c, { bytes: 4, make: (n) => new Int32Array(n), read: (v, at) => v.getInt32(at) }],
  [0x0d, { bytes: 4, make: (n) => new Float32Array(n), read: (v, at) => v.getFloat32(at) }],
  [0x0e, { bytes: 8, make: (n) => new Float64Array(n), read: (v, at) => v.getFloat64(at) }],
]);

/**
 * Reads the idx format of MNIST: two zero bytes, the element type, the number of axes, each axis as a big-endian 32-bit
 * number, then the elements. Bytes are a view of `bytes`, not a copy.
 *
 * Throws `FormatError` when the magic number or the type is another, or the elements are not as many as the axes say.
 *
 * Source: LeCun's page of the MNIST database.
 *
 * @example
 * parseIdx(bytes).shape; // [60000, 28, 28]
 */
export function parseIdx(bytes: Uint8Array, name = 'idx file'): IdxArray {
  if (bytes.length < 4) throw new FormatError(`${name} has ${bytes.length} bytes; an idx file has at least 4.`);
  const [zero, zeroToo, code, rank] = bytes;
  const type = TYPES.get(code);
  if (zero !== 0 || zeroToo !== 0 || type === undefined) {
    const magic = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ');
    throw new FormatError(
      `${name} is not an idx file: it begins with ${magic}, but idx files begin with 00 00, a type from 08 to 0e and the number of axes.${bytes[0] === 0x1f && bytes[1] === 0x8b ? ' It is compressed: pass it through gunzip first.' : ''}`,
    );
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw new FormatError(`${name} is truncated inside its header of ${start} bytes.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape: number[] = [];
  let size = 1;
  for (let axis = 0; axis < rank; axis++) {
    shape.push(view.getUint32(4 + 4 * axis));
    size *= shape[axis];
  }
  if (bytes.length - start !== size * type.bytes) {
    throw new FormatError(
      `${name} has ${bytes.length - start} bytes of data, but its header says ${formatShape(shape)} with ${type.bytes} bytes each: ${size * type.bytes}. It is truncated or damaged; fetch it again.`,
    );
  }
  if (code === 0x08) return { shape, data: bytes.subarray(start) };
  const data = type.make(size);
  for (let i = 0; i < size; i++) data[i] = type.read(view, start + i * type.bytes);
  return { shape, data };
}

/** Ten digits, the classes of MNIST. */
export const MNIST_CLASSES = [...'0123456789'];

/** The classes of Fashion-MNIST in the order of their labels. */
export const FASHION_MNIST_CLASSES = [
  'T-shirt/top',
  'trouser',
  'pullover',
  'dress',
  'coat',
  'sandal',
  'shirt',
  'sneaker',
  'bag',
  'ankle boot',
];

/**
 * A data set from two idx files: images [N, H, W] and labels [N], both bytes.
 *
 * Throws `FormatError` for files that are not that, `DataError` when they are empty, differ in N or a label has no class.
 *
 * @example
 * parseMnist(await gunzip(images), await gunzip(labels)).shape; // [1, 28, 28]
 */
export function parseMnist(
  images: Uint8Array,
  labels: Uint8Array,
  options: {
    classes?: readonly string[] | undefined;
    names?: readonly [images: string, labels: string] | undefined;
  } = {},
): ImageDataset {
  checkOptions('parseMnist', options, ['classes', 'names']);
  const { classes = MNIST_CLASSES, names = ['image file', 'label file'] } = options;
  const x = parseIdx(images, names[0]);
  const y = parseIdx(labels, names[1]);
  if (!(x.data instanceof Uint8Array) || x.shape.length !== 3) {
    throw new FormatError(`${names[0]} holds ${formatShape(x.shape)}, but images are bytes of shape [N, H, W].`);
  }
  if (!(y.data instanceof Uint8Array) || y.shape.length !== 1) {
    throw new FormatError(`${names[1]} holds ${formatShape(y.shape)}, but labels are bytes of shape [N].`);
  }
  const [n, height, width] = x.shape;
  if (n !== y.shape[0]) {
    throw new DataError(`${names[0]} has ${n} images, but ${names[1]} has ${y.shape[0]} labels. They are not a pair.`);
  }
  if (n === 0 || height * width === 0)
    throw new DataError(`${names[0]} holds no pixels: its shape is ${formatShape(x.shape)}.`);
  return new ImageDataset({ images: x.data, labels: y.data, shape: [1, height, width], classes });
}

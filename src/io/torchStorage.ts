import { FormatError } from '../base/errors.js';
import { formatShape, sizeOf, stridesOf } from '../base/shape.js';
import { DTYPE_BYTES, type Dtype, toFloat32 } from './dtypes.js';
import { PickleObject } from './pickleValues.js';

/** The element types of PyTorch's storage classes. */
export const STORAGE_TYPES: ReadonlyMap<string, Dtype> = new Map<string, Dtype>([
  ['torch.DoubleStorage', 'F64'],
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);

/** Bytes of one element of storages whose numbers aren't read: complex, quantized and 8-bit floating-point ones. */
export const OTHER_STORAGES: ReadonlyMap<string, number> = new Map([
  ['torch.ComplexDoubleStorage', 16],
  ['torch.ComplexFloatStorage', 8],
  ['torch.QInt32Storage', 4],
  ['torch.QInt8Storage', 1],
  ['torch.QUInt8Storage', 1],
  ['torch.QUInt4x2Storage', 1],
  ['torch.QUInt2x4Storage', 1],
  ['torch.storage.UntypedStorage', 1],
  ['torch.UntypedStorage', 1],
]);

/** A flat block of numbers that tensors view. Where its bytes are is known only after the pickle has been read. */
export class TorchStorage extends PickleObject {
  #read: (() => Uint8Array) | null = null;
  #values: Float32Array | null = null;

  constructor(
    readonly key: string,
    /** The class of storage in PyTorch. */
    readonly type: string,
    readonly length: number,
  ) {
    super();
  }

  /** The element type, or null where its numbers aren't read. */
  get dtype(): Dtype | null {
    return STORAGE_TYPES.get(this.type) ?? null;
  }

  get byteLength(): number {
    const { dtype } = this;
    return this.length * (dtype === null ? (OTHER_STORAGES.get(this.type) ?? 1) : DTYPE_BYTES[dtype]);
  }

  /** How to get its bytes when they are needed. */
  bind(read: () => Uint8Array): void {
    this.#read = read;
  }

  /** Its numbers, which are kept for all tensors that share them. */
  keep(): void {
    this.#values ??= this.values;
  }

  get values(): Float32Array {
    if (this.#values !== null) return this.#values;
    const bytes = this.#read?.() ?? new Uint8Array(0);
    const { dtype } = this;
    if (dtype === null) throw new FormatError(`torch checkpoint: the numbers of a ${this.type} aren't read.`);
    if (bytes.length !== this.byteLength) {
      throw new FormatError(
        `torch checkpoint: storage ${this.key} has ${bytes.length} bytes, but ${this.length} elements of ${dtype} need ${this.byteLength}. The file is damaged.`,
      );
    }
    return toFloat32(dtype, bytes);
  }
}

/** A tensor of a checkpoint, as float32 numbers in row-major order. Tensors that share a storage may share memory. */
export class TorchTensor extends PickleObject {
  #read: () => Float32Array = () => new Float32Array(0);
  #data: Float32Array | null = null;

  constructor(
    /** The sizes of the axes. */
    readonly shape: number[],
    /** The element type in the file. */
    readonly dtype: Dtype,
  ) {
    super();
  }

  /** The numbers, read from the file when first needed. */
  get data(): Float32Array {
    return this.#data ?? this.#read();
  }

  /** How to get its numbers when they are needed. */
  bind(read: () => Float32Array): void {
    this.#read = read;
  }

  /** Reads its numbers once and for all. */
  keep(): void {
    this.#data ??= this.#read();
  }
}

/** Where a tensor's elements stand in a storage: element i of axis a is `strides[a]` further than element i - 1. */
export interface StridedView {
  tensor: TorchTensor;
  storage: TorchStorage;
  offset: number;
  strides: number[];
}

/** Throws unless every element of the view lies in its storage. */
export function checkView({ tensor: { shape }, storage, offset, strides }: StridedView): void {
  const wholes = [offset, ...shape, ...strides].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!wholes || shape.length !== strides.length || shape.length > 32) {
    throw new FormatError(
      `torch checkpoint: a tensor of shape ${formatShape(shape)}, strides ${formatShape(strides)} and offset ${offset} is impossible. The file is damaged.`,
    );
  }
  if (sizeOf(shape) === 0) return;
  let last = offset;
  for (let a = 0; a < shape.length; a++) last += (shape[a] - 1) * strides[a];
  if (last >= storage.length) {
    throw new FormatError(
      `torch checkpoint: a tensor of shape ${formatShape(shape)}, strides ${formatShape(strides)} and offset ${offset} reaches element ${last} of storage ${storage.key}, which has ${storage.length}. The file is damaged.`,
    );
  }
}

/** True when the elements lie in row-major order without gaps, so that the tensor can be a view. */
export function isContiguous({ tensor: { shape }, strides }: StridedView): boolean {
  const packed = stridesOf(shape);
  return sizeOf(shape) === 0 || shape.every((n, a) => n === 1 || strides[a] === packed[a]);
}

/** Copies the elements of a strided view in row-major order. */
export function gather({ tensor: { shape }, storage, offset, strides }: StridedView): Float32Array<ArrayBuffer> {
  const rank = shape.length;
  const out = new Float32Array(sizeOf(shape));
  const index = new Array<number>(rank).fill(0);
  const from = storage.values;
  let at = offset;
  for (let i = 0; i < out.length; i++) {
    out[i] = from[at];
    for (let a = rank - 1; a >= 0; a--) {
      at += strides[a];
      if (++index[a] < shape[a]) break;
      at -= strides[a] * shape[a];
      index[a] = 0;
    }
  }
  return out;
}

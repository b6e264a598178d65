import { FormatError } from '../base/errors.js';
import { formatShape, sizeOf } from '../base/shape.js';
import { type ByteSource, sourceOf } from '../io/byteSource.js';
import { DTYPE_BYTES, type Dtype, toFloat32 } from '../io/dtypes.js';
import { expectAffordable } from './budget.js';
import { DataType, type TensorProto } from './proto.js';
import { HostArray } from './values.js';

/** Gives the bytes of a file that holds a model's weights, or what fetches parts of them. */
export type ReadExternal = (location: string) => Uint8Array | ByteSource;

const dtypes = new Map<number, Dtype>([
  [DataType.FLOAT, 'F32'],
  [DataType.UINT8, 'U8'],
  [DataType.INT8, 'I8'],
  [DataType.UINT16, 'U16'],
  [DataType.INT16, 'I16'],
  [DataType.INT32, 'I32'],
  [DataType.INT64, 'I64'],
  [DataType.BOOL, 'BOOL'],
  [DataType.FLOAT16, 'F16'],
  [DataType.DOUBLE, 'F64'],
  [DataType.UINT32, 'U32'],
  [DataType.UINT64, 'U64'],
  [DataType.BFLOAT16, 'BF16'],
]);

/** Whether numbers of an ONNX element type are whole. */
export function isInteger(dataType: number): boolean {
  return !['F32', 'F16', 'BF16', 'F64'].includes(dtypes.get(dataType) ?? 'F32');
}

/** Whether an ONNX element type is one of numbers that are read. */
export function isNumeric(dataType: number): boolean {
  return dtypes.has(dataType);
}

/**
 * The elements of a tensor in a file. Nothing is made before the file is known to hold as many as its shape says.
 *
 * Throws `FormatError` otherwise, and for element types that are no numbers.
 */
export function valuesOf(tensor: TensorProto, readExternal: ReadExternal | undefined): HostArray {
  const { dims, dataType } = tensor;
  const what = `tensor '${tensor.name}' ${formatShape(dims)}`;
  const dtype = dtypes.get(dataType);
  if (dtype === undefined) {
    throw new FormatError(`importOnnx: ${what} has element type ${dataType}, which is none of numbers that are read.`);
  }
  if (!dims.every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new FormatError(`importOnnx: ${what} has a size that is no whole number >= 0. The file is damaged.`);
  }
  expectAffordable(what, dims.includes(0) ? dims : []);
  const raw = tensor.external ? external(tensor, what, readExternal) : (tensor.raw ?? halves(tensor, dtype));
  const count = raw === null ? (tensor.numbers ?? []).length : raw.length / DTYPE_BYTES[dtype];
  if (count !== sizeOf(dims)) {
    throw new FormatError(
      `importOnnx: ${what} needs ${sizeOf(dims)} elements, but the file has ${count}. It is damaged or was cut off.`,
    );
  }
  const integer = isInteger(dataType);
  if (raw === null) return new HostArray(dims, tensor.numbers ?? [], integer, dataType);
  if (dtype !== 'I64') return new HostArray(dims, toFloat32(dtype, raw), integer, dataType);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const whole = new Float64Array(count);
  for (let i = 0; i < count; i++) whole[i] = Number(view.getBigInt64(8 * i, true));
  return new HostArray(dims, whole, integer, dataType);
}

/** 16-bit floats that are listed as numbers are listed as their bits. */
function halves({ numbers }: TensorProto, dtype: Dtype): Uint8Array | null {
  return numbers !== null && (dtype === 'F16' || dtype === 'BF16')
    ? new Uint8Array(Uint16Array.from(numbers).buffer)
    : null;
}

function external(tensor: TensorProto, what: string, read: ReadExternal | undefined): Uint8Array {
  const { location, offset, length } = tensor.external as NonNullable<TensorProto['external']>;
  if (read === undefined) {
    throw new FormatError(
      `importOnnx: ${what} lies in the file '${location}'. Pass externalData, which gives that file's bytes.`,
    );
  }
  const found = read(location);
  const bytes = found instanceof Uint8Array ? sourceOf(found) : found;
  const end = length === undefined ? bytes.length : offset + length;
  if (
    !(Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(end) && end <= bytes.length && offset <= end)
  ) {
    throw new FormatError(
      `importOnnx: ${what} lies at bytes ${offset} to ${end} of '${location}', which has ${bytes.length}.`,
    );
  }
  return bytes.read(offset, end);
}

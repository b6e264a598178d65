/** Element types of tensors in files, by the names that safetensors gives them. */
export type Dtype =
  | 'F64'
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'I64'
  | 'U64'
  | 'I32'
  | 'U32'
  | 'I16'
  | 'U16'
  | 'I8'
  | 'U8'
  | 'BOOL';

/** Bytes of one element of each type. */
export const DTYPE_BYTES: Readonly<Record<Dtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(DTYPE_BYTES, name);
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/**
 * Little-endian numbers as float32. F32 that lies on a multiple of 4 bytes is a view of `bytes`, everything else a copy.
 * `bytes` must be a whole number of elements.
 *
 * Numerics: F16, BF16, 8- and 16-bit integers and BOOL are exact; F64 and larger integers are rounded to the nearest float32.
 */
export function toFloat32(dtype: Dtype, bytes: Uint8Array): Float32Array {
  const count = bytes.length / DTYPE_BYTES[dtype];
  if (dtype === 'F32' && littleEndian && bytes.byteOffset % 4 === 0) {
    return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  }
  const out = new Float32Array(count);
  if (dtype === 'F32' && littleEndian) {
    new Uint8Array(out.buffer).set(bytes);
    return out;
  }
  const read = READERS[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) out[i] = read(view, i);
  return out;
}

/** Numbers as little-endian F32: a view of them where the machine stores them so. */
export function float32Bytes(data: Float32Array): Uint8Array {
  if (littleEndian) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const view = new DataView(new ArrayBuffer(data.byteLength));
  for (let i = 0; i < data.length; i++) view.setFloat32(4 * i, data[i], true);
  return new Uint8Array(view.buffer);
}

const floatBits = new DataView(new ArrayBuffer(4));

/**
 * Numbers as little-endian F16, rounded to the nearest (ties to even); what is above 65,504 by more than half a step becomes infinite.
 *
 * Source: IEEE 754, binary16.
 */
export function float16Bytes(data: Float32Array): Uint8Array {
  const out = new DataView(new ArrayBuffer(2 * data.length));
  for (let i = 0; i < data.length; i++) out.setUint16(2 * i, toHalf(data[i]), true);
  return new Uint8Array(out.buffer);
}

function toHalf(value: number): number {
  floatBits.setFloat32(0, value);
  const bits = floatBits.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fff_ffff;
  if (size > 0x7f80_0000) return sign | 0x7e00;
  // 65,520 and above round to infinity.
  if (size >= 0x477f_f000) return sign | 0x7c00;
  if (size < 0x3880_0000) {
    // Below 2^-14: whole multiples of 2^-24, rounded by the sum's own rounding.
    floatBits.setFloat32(0, Math.abs(value) + 0.5);
    return sign | (floatBits.getUint32(0) - 0x3f00_0000);
  }
  const rounded = size + 0xfff + ((size >>> 13) & 1);
  return sign | ((rounded - 0x3800_0000) >>> 13);
}

const READERS: Readonly<Record<Dtype, (view: DataView, i: number) => number>> = {
  F64: (view, i) => view.getFloat64(8 * i, true),
  F32: (view, i) => view.getFloat32(4 * i, true),
  F16: (view, i) => halfToNumber(view.getUint16(2 * i, true)),
  BF16: (view, i) => bfloatToNumber(view.getUint16(2 * i, true)),
  I64: (view, i) => Number(view.getBigInt64(8 * i, true)),
  U64: (view, i) => Number(view.getBigUint64(8 * i, true)),
  I32: (view, i) => view.getInt32(4 * i, true),
  U32: (view, i) => view.getUint32(4 * i, true),
  I16: (view, i) => view.getInt16(2 * i, true),
  U16: (view, i) => view.getUint16(2 * i, true),
  I8: (view, i) => view.getInt8(i),
  U8: (view, i) => view.getUint8(i),
  BOOL: (view, i) => (view.getUint8(i) === 0 ? 0 : 1),
};

/** IEEE 754 half precision: 1 sign, 5 exponent and 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const scratch = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

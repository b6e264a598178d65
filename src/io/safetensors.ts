import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, FormatError } from '../base/errors.js';
import { formatShape, sizeOf } from '../base/shape.js';
import type { StateDict, StateEntry } from '../base/stateDict.js';
import { type ByteSource, sourceOf } from './byteSource.js';
import { DTYPE_BYTES, type Dtype, float16Bytes, float32Bytes, isDtype, toFloat32 } from './dtypes.js';
import { duplicateKey } from './jsonKeys.js';

/** What the format's own implementation allows. */
const MAXIMUM_HEADER_BYTES = 100_000_000;
const METADATA = '__metadata__';

/** A tensor as stored in a file: `bytes` holds its numbers, little-endian. */
export interface RawTensor {
  dtype: Dtype;
  shape: readonly number[];
  bytes: Uint8Array;
}

interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

interface Header {
  entries: Entry[];
  metadata: Record<string, string>;
  /** Where the tensors' bytes begin. */
  start: number;
}

/**
 * Reads a safetensors file: a 64-bit header length, a JSON header, then the tensors' bytes without gap or overlap.
 *
 * All element types become float32. Arrays of F32 are views of `bytes` where they lie on a multiple of 4, as they do in
 * files written by the usual tools: do not change `bytes` while they are in use.
 *
 * Throws `FormatError` for a truncated file, a header that is not what it should be, offsets that overlap, leave gaps or
 * point outside, names that stand twice, and shapes that do not fill their bytes.
 *
 * Numerics: see `toFloat32`; F64 and 32- and 64-bit integers are rounded to the nearest float32.
 *
 * @example
 * model.loadStateDict(readSafetensors(bytes));
 */
export function readSafetensors(bytes: Uint8Array): StateDict {
  const state: StateDict = new Map();
  for (const [name, { shape, data }] of openSafetensors(sourceOf(bytes))) state.set(name, { shape, data });
  return state;
}

/** The tensors of a safetensors file; each is read when its `data` is asked for, and anew each time. Throws as `readSafetensors`. */
export function openSafetensors(source: ByteSource): StateDict {
  const { entries, start } = readHeader(source);
  return new Map(
    entries.map(({ name, dtype, shape, begin, end }): [string, StateEntry] => {
      const read = (): Float32Array => toFloat32(dtype, source.read(start + begin, start + end));
      return [
        name,
        {
          shape,
          get data() {
            return read();
          },
        },
      ];
    }),
  );
}

/** The tensors of a safetensors file with the element types that they have there, as views of `bytes`. Throws as `readSafetensors`. */
export function readRawTensors(bytes: Uint8Array): Map<string, RawTensor> {
  const { entries, start } = readHeader(sourceOf(bytes));
  return new Map(
    entries.map(({ name, dtype, shape, begin, end }) => [
      name,
      { dtype, shape, bytes: bytes.subarray(start + begin, start + end) },
    ]),
  );
}

/** The texts that a safetensors file carries beside its tensors. Throws `FormatError` as `readSafetensors` does. */
export function readSafetensorsMetadata(bytes: Uint8Array): Record<string, string> {
  return metadataOf(sourceOf(bytes));
}

export function metadataOf(source: ByteSource): Record<string, string> {
  return readHeader(source).metadata;
}

/** Options of `writeSafetensors`. */
export interface WriteSafetensorsOptions {
  /** The element type in the file: 'F16' takes half the bytes and keeps about three decimal digits. Readers widen it to float32. Default 'F32'. */
  dtype?: 'F32' | 'F16' | undefined;
}

/**
 * Writes tensors as F32 or F16 in a safetensors file, in the order of the map.
 *
 * Throws `ArgumentError` when a shape does not fit its data, a tensor is named `__metadata__`, names and metadata take more than the 100 MB
 * that readers of the format allow, or a number is too large for F16.
 */
export function writeSafetensors(
  state: StateDict,
  metadata: Readonly<Record<string, string>> = {},
  options: WriteSafetensorsOptions = {},
): Uint8Array {
  return joined([...safetensorsPieces(state, metadata, options)]);
}

/**
 * Writes tensors of any element type in a safetensors file, in the order of the map. Those of wider elements belong first, so that each lies
 * on a multiple of its element's size. Throws as `writeSafetensors`.
 */
export function writeRawTensors(
  tensors: ReadonlyMap<string, RawTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header = headerOf(
    [...tensors].map(([name, { dtype, shape, bytes }]) => ({
      name,
      dtype,
      shape,
      length: bytes.length / DTYPE_BYTES[dtype],
    })),
    metadata,
  );
  return joined([header, ...[...tensors.values()].map(({ bytes }) => bytes)]);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** What `writeSafetensors` returns, in pieces that may be longer together than one array: the header, then each tensor. Throws likewise. */
export function safetensorsPieces(
  state: StateDict,
  metadata: Readonly<Record<string, string>> = {},
  options: WriteSafetensorsOptions = {},
): Iterable<Uint8Array> {
  checkOptions('writeSafetensors', options, ['dtype']);
  const { dtype = 'F32' } = options;
  if (dtype !== 'F32' && dtype !== 'F16') {
    throw new ArgumentError(`writeSafetensors: dtype is '${String(dtype)}', but must be 'F32' or 'F16'.`);
  }
  const header = headerOf(
    [...state].map(([name, { shape, data }]) => ({ name, dtype, shape, length: data.length })),
    metadata,
  );
  if (dtype === 'F16') for (const [name, { data }] of state) expectHalf(name, data);
  function* pieces(): Generator<Uint8Array> {
    yield header;
    for (const { data } of state.values()) yield dtype === 'F16' ? float16Bytes(data) : float32Bytes(data);
  }
  return pieces();
}

/** Throws for a finite number that would become infinite. */
function expectHalf(name: string, data: Float32Array): void {
  for (const value of data) {
    if (Math.abs(value) < 65520 || !Number.isFinite(value)) continue;
    throw new ArgumentError(
      `writeSafetensors: ${name} has the value ${value}, but F16 ends at 65504. Write this model as F32.`,
    );
  }
}

interface HeaderEntry {
  name: string;
  dtype: Dtype;
  shape: readonly number[];
  /** Of its data, in elements. */
  length: number;
}

function headerOf(tensors: readonly HeaderEntry[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) header.push([METADATA, metadata]);
  let end = 0;
  for (const { name, dtype, shape, length } of tensors) {
    if (name === METADATA) throw new ArgumentError(`writeSafetensors: no tensor can be named ${METADATA}.`);
    if (sizeOf(shape) !== length) {
      throw new ArgumentError(
        `writeSafetensors: ${name} has shape ${formatShape(shape)}, but ${length} values; it needs ${sizeOf(shape)}.`,
      );
    }
    const begin = end;
    end += DTYPE_BYTES[dtype] * length;
    header.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  // Joined by hand: an object would put names that look like numbers first.
  const json = `{${header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  // Spaces at its end bring the tensors to a multiple of 8 bytes.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > MAXIMUM_HEADER_BYTES) {
    throw new ArgumentError(
      `writeSafetensors: names, shapes and metadata take ${headerBytes} bytes, but readers allow a header of ${MAXIMUM_HEADER_BYTES}. Keep long texts in a file of their own.`,
    );
  }
  const bytes = new Uint8Array(8 + headerBytes).fill(0x20, 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(text, 8);
  return bytes;
}

function readHeader(source: ByteSource): Header {
  if (source.length < 8)
    throw new FormatError(`safetensors: the file has ${source.length} bytes; it needs at least 8.`);
  const { buffer, byteOffset } = source.read(0, 8);
  const length = new DataView(buffer, byteOffset, 8).getBigUint64(0, true);
  if (length > MAXIMUM_HEADER_BYTES || length > source.length - 8) {
    throw new FormatError(
      `safetensors: the header claims ${length} bytes, but ${source.length - 8} follow (and ${MAXIMUM_HEADER_BYTES} are allowed). The file is truncated or of another format.`,
    );
  }
  const start = 8 + Number(length);
  const parsed = parseJson(source.read(8, start));
  const metadata = readMetadata(parsed[METADATA]);
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(parsed)) {
    if (name !== METADATA) entries.push(readEntry(name, value));
  }
  checkLayout(entries, source.length - start);
  return { entries, metadata, start };
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  let parsed: unknown;
  let twice: string | undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    parsed = JSON.parse(text);
    twice = duplicateKey(text);
  } catch (cause) {
    throw new FormatError('safetensors: the header is not JSON. The file is damaged or of another format.', { cause });
  }
  if (!isObject(parsed)) throw new FormatError('safetensors: the header is JSON, but no object.');
  if (twice !== undefined) throw new FormatError(`safetensors: the header has the key ${JSON.stringify(twice)} twice.`);
  return parsed;
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw new FormatError(`safetensors: ${METADATA} is not an object of strings.`);
  }
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown): Entry {
  const entry = isObject(value) ? value : {};
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) {
    throw new FormatError(
      `safetensors: ${name} has the element type ${quote(dtype)}, but this reader knows ${Object.keys(DTYPE_BYTES).join(', ')}.`,
    );
  }
  if (!isWholeNumbers(shape) || !isWholeNumbers(offsets) || offsets.length !== 2) {
    throw new FormatError(
      `safetensors: ${name} needs a shape and two data_offsets of whole numbers, but has ${quote(shape)} and ${quote(offsets)}.`,
    );
  }
  const [begin, end] = offsets;
  const needed = sizeOf(shape) * DTYPE_BYTES[dtype];
  if (end - begin !== needed) {
    throw new FormatError(
      `safetensors: ${name} is ${dtype} ${formatShape(shape)}, which takes ${needed} bytes, but its offsets ${begin} to ${end} are ${end - begin}.`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** Every byte belongs to one tensor: no overlap, no gap, nothing outside. */
function checkLayout(entries: readonly Entry[], available: number): void {
  let covered = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) {
      const fault = begin < covered ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw new FormatError(`safetensors: ${name} begins at byte ${begin}, which ${fault} (that ends at ${covered}).`);
    }
    if (end > available) {
      throw new FormatError(
        `safetensors: ${name} ends at byte ${end}, but the file has ${available}. It is truncated.`,
      );
    }
    covered = end;
  }
  if (covered !== available) {
    throw new FormatError(`safetensors: the tensors take ${covered} bytes, but ${available} follow the header.`);
  }
}

/** A value of the header, shortened for an error message. */
function quote(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? 'none';
    return text.length > 60 ? `${text.slice(0, 60)}...` : text;
  } catch {
    // Nested too deep to be written, or longer than a string may be.
    return '...';
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWholeNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

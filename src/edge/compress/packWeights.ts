import { FormatError } from '../../base/errors.js';
import { sizeOf } from '../../base/shape.js';
import type { StateDict } from '../../base/stateDict.js';
import { float32Bytes, toFloat32 } from '../../io/dtypes.js';
import { type RawTensor, readRawTensors, readSafetensorsMetadata, writeRawTensors } from '../../io/safetensors.js';
import type { Module } from '../../layers/module.js';

const FORMAT = 'stridenet.packed';

/**
 * The weights of a model in as few bytes as their repetitions allow, exactly: layers of at most 256 different weights as a table and indices,
 * others with many zeros as a bit mask and the rest, all compressed by Deflate (repetitions, then Huffman codes). Call it after `pruneWeights` and
 * `shareWeights`; `unpackWeights` reads it.
 *
 * @example
 * pruneWeights(model, { sparsity: 0.8 });
 * shareWeights(model, { bits: 5 });
 * const bytes = await packWeights(model); // about a tenth of 4 bytes per weight
 */
export async function packWeights(source: Module | StateDict): Promise<Uint8Array> {
  const { gzipSync } = await import('fflate');
  const state = source instanceof Map ? source : source.stateDict();
  const shapes: Record<string, number[]> = {};
  const parts = new Map<string, RawTensor>();
  for (const [name, { shape, data }] of state) {
    shapes[name] = [...shape];
    for (const [part, raw] of partsOf(data)) parts.set(`${name}:${part}`, raw);
  }
  // Tensors of wider elements come first, so that all lie on multiples of their elements.
  const sorted = [...parts].sort(([, a], [, b]) => Number(b.dtype === 'F32') - Number(a.dtype === 'F32'));
  const metadata = { format: FORMAT, shapes: JSON.stringify(shapes) };
  return gzipSync(writeRawTensors(new Map(sorted), metadata), { level: 9, mtime: 0 });
}

/**
 * Reads what `packWeights` wrote: the same numbers.
 *
 * Throws `FormatError` for other bytes and damaged ones.
 */
export async function unpackWeights(bytes: Uint8Array): Promise<StateDict> {
  const { gunzipSync } = await import('fflate');
  let plain: Uint8Array;
  try {
    plain = gunzipSync(bytes);
  } catch (cause) {
    throw new FormatError('unpackWeights: the bytes are not those of packWeights, or damaged.', { cause });
  }
  const metadata = readSafetensorsMetadata(plain);
  if (metadata.format !== FORMAT || metadata.shapes === undefined) {
    throw new FormatError('unpackWeights: the bytes are a compressed file, but not one of packWeights.');
  }
  const parts = readRawTensors(plain);
  const part = (name: string): RawTensor | undefined => parts.get(name);
  const shapes = Object.entries(JSON.parse(metadata.shapes) as Record<string, number[]>);
  return new Map(
    shapes.map(([name, shape]) => {
      const data = numbersOf(name, sizeOf(shape), part);
      if (data.length === sizeOf(shape)) return [name, { shape, data }];
      throw new FormatError(`unpackWeights: ${name} has ${data.length} numbers, but its shape needs ${sizeOf(shape)}.`);
    }),
  );
}

/** The shortest of three ways to write numbers. */
function partsOf(data: Float32Array): [string, RawTensor][] {
  const values = new Map<number, number>();
  // -0 and 0 are one entry of a Map, but not the same bits; so are NaNs.
  const isPlain = data.some((v) => Object.is(v, -0) || Number.isNaN(v));
  for (const v of data) if (values.size <= 256 && !values.has(v)) values.set(v, values.size);
  const zeros = data.reduce((count, v) => count + (v === 0 ? 1 : 0), 0);
  if (!isPlain && values.size <= 256 && data.length > 4 * values.size) {
    const table = Float32Array.from(values.keys());
    return [
      ['values', floats(table)],
      ['index', { dtype: 'U8', shape: [data.length], bytes: Uint8Array.from(data, (v) => values.get(v) as number) }],
    ];
  }
  if (!isPlain && zeros > data.length / 8) {
    const mask = new Uint8Array(Math.ceil(data.length / 8));
    for (const [i, v] of data.entries()) if (v !== 0) mask[i >> 3] |= 1 << (i & 7);
    return [
      ['rest', floats(data.filter((v) => v !== 0))],
      ['mask', { dtype: 'U8', shape: [mask.length], bytes: mask }],
    ];
  }
  return [['all', floats(data)]];
}

function numbersOf(name: string, length: number, part: (name: string) => RawTensor | undefined): Float32Array {
  const read = (kind: string): Float32Array | undefined => {
    const raw = part(`${name}:${kind}`);
    return raw && toFloat32(raw.dtype, raw.bytes);
  };
  const [all, values, rest] = ['all', 'values', 'rest'].map(read);
  if (all !== undefined) return Float32Array.from(all);
  const index = part(`${name}:index`)?.bytes;
  if (values !== undefined && index !== undefined) return Float32Array.from(index, (i) => values[i]);
  const mask = part(`${name}:mask`)?.bytes;
  if (rest === undefined || mask === undefined)
    throw new FormatError(`unpackWeights: the numbers of ${name} are missing.`);
  let at = 0;
  return Float32Array.from({ length }, (_, i) => ((mask[i >> 3] >> (i & 7)) & 1 ? rest[at++] : 0));
}

function floats(data: Float32Array): RawTensor {
  return { dtype: 'F32', shape: [data.length], bytes: float32Bytes(data) };
}

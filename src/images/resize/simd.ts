import { wasmFeatures } from '../../wasm/features.js';
import type { Rows } from './passes.js';
import { LOWER_BITS, MAXIMUM_PAGES, ROW_BYTES, resizeProgram, TAPS } from './simdProgram.js';
import type { Taps } from './taps.js';

type Kernel = (...values: number[]) => void;

interface Machine {
  memory: WebAssembly.Memory;
  width3: Kernel;
  width4: Kernel;
  height: Kernel;
}

let machine: Machine | undefined;

/** Whether images can be resized by SIMD here. */
export function hasSimd(): boolean {
  return wasmFeatures().simd;
}

function start(): Machine {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(resizeProgram()), { env: { memory } });
  return { memory, ...exports } as unknown as Machine;
}

/** What the memory holds at one time; the largest part of an image is passed through it in bands. */
const BAND_BYTES = 1 << 20;
/** Reads and writes of a vector may go this far beyond what they are for. */
const SLACK = 64;
/** Larger images of the first pass do not stay in the memory. */
const MOST_BYTES = 128 * 2 ** 20;

/** A weight's upper and lower part, of two neighbors each in one number. */
function packPair(first: number, second: number): [upper: number, lower: number] {
  const mask = (1 << LOWER_BITS) - 1;
  return [((first >> LOWER_BITS) & 0xffff) | ((second >> LOWER_BITS) << 16), (first & mask) | ((second & mask) << 16)];
}

/** The weights of a pixel in pairs, with zeros up to a multiple of `multiple`. */
function packWeights(taps: Taps, i: number, multiple: number): number[] {
  const packed: number[] = [];
  const count = Math.ceil(taps.count[i] / multiple) * multiple;
  for (let k = 0; k < count; k += 2) {
    const at = (n: number): number => (n < taps.count[i] ? taps.weights[i * taps.stride + n] : 0);
    packed.push(...packPair(at(k), at(k + 1)));
  }
  return packed;
}

/**
 * Resizes along the width and then the height, as the passes in TypeScript do: the same bits. Undefined for images that it has no program or memory for.
 * `begin` to `end` are the rows that the second pass reads.
 */
export function resampleSimd(
  input: Rows,
  channels: number,
  begin: number,
  end: number,
  across: Taps,
  down: Taps,
): Uint8Array | undefined {
  const width = across.first.length;
  const height = down.first.length;
  const rowBytes = input.width * channels;
  const narrowBytes = width * channels;
  const rows = end - begin;
  if ((channels !== 3 && channels !== 4) || rowBytes > BAND_BYTES) return undefined;
  // 1. Where everything lies: tables, weights, a band of the input, the narrow image with a spare row, one row of the output.
  const acrossWeights = Array.from({ length: width }, (_, i) => packWeights(across, i, TAPS));
  const tableInts = 3 * width;
  const weightInts = acrossWeights.reduce((sum, { length }) => sum + length, 0);
  const bandRows = Math.max(1, Math.floor(BAND_BYTES / rowBytes));
  const bandAt = 4 * (tableInts + weightInts) + SLACK;
  const narrowAt = align(bandAt + bandRows * rowBytes + SLACK);
  const downAt = align(narrowAt + (rows + 1) * narrowBytes + SLACK);
  const outAt = align(downAt + 8 * (down.stride + 2));
  const total = outAt + narrowBytes + SLACK;
  if (total > MOST_BYTES) return undefined;
  machine ??= start();
  const { memory } = machine;
  const missing = Math.ceil((total - memory.buffer.byteLength) / 65536);
  if (missing > 0) memory.grow(missing);
  const bytes = new Uint8Array(memory.buffer);
  const ints = new Int32Array(memory.buffer);
  // 2. Tables and weights.
  let at = tableInts;
  for (const [i, packed] of acrossWeights.entries()) {
    ints.set([across.first[i] * channels, packed.length / TAPS, 4 * at], 3 * i);
    ints.set(packed, at);
    at += packed.length;
  }
  // 3. Along the width, band by band.
  const kernel = channels === 3 ? machine.width3 : machine.width4;
  for (let row = 0; row < rows; row += bandRows) {
    const count = Math.min(bandRows, rows - row);
    const from = (begin + row) * rowBytes;
    bytes.set(input.data.subarray(from, from + count * rowBytes), bandAt);
    kernel(narrowAt + row * narrowBytes, bandAt, 0, width, count, rowBytes);
  }
  // 4. Along the height. Row `rows` is multiplied by zero at most.
  const y = new Uint8Array(height * narrowBytes);
  for (let i = 0; i < height; i++) {
    const packed = packWeights(down, i, 2);
    ints.set(packed, downAt / 4);
    const blocks = Math.ceil(narrowBytes / ROW_BYTES);
    machine.height(
      outAt,
      narrowAt + (down.first[i] - begin) * narrowBytes,
      downAt,
      packed.length / 2,
      blocks,
      narrowBytes,
    );
    y.set(bytes.subarray(outAt, outAt + narrowBytes), i * narrowBytes);
  }
  return y;
}

function align(at: number): number {
  return Math.ceil(at / 16) * 16;
}

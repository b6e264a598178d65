import { wasmFeatures } from '../../../wasm/features.js';
import { ModuleBuilder } from '../../../wasm/module.js';
import type { JpegHeader } from '../header.js';
import { defineColors } from './colorProgram.js';
import { defineHuffman } from './huffmanProgram.js';
import { defineIdct } from './idctProgram.js';
import { BLOCK_BYTES, blockLayout, huffmanLayout, MARGIN, MAXIMUM_PAGES, stateLayout } from './layout.js';
import { type Plan, planOf, stepTable } from './plan.js';
import { packTable } from './tables.js';

type Kernel = (...values: number[]) => void;

interface Machine {
  memory: WebAssembly.Memory;
  huffman: Kernel;
  idct: Kernel;
  double: Kernel;
  double2: Kernel;
  rgb: Kernel;
}

let program: WebAssembly.Module | undefined;
let machine: Machine | undefined;

/** Memory of WebAssembly never shrinks: after larger images, the next one gets new memory. */
const KEPT_BYTES = 64 * 2 ** 20;

function start(): Machine {
  const module = new ModuleBuilder({ fma: false, shared: false, maximumPages: MAXIMUM_PAGES, silent: true });
  defineHuffman(module);
  defineIdct(module);
  defineColors(module);
  program ??= new WebAssembly.Module(module.bytes());
  const memory = new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES });
  const { exports } = new WebAssembly.Instance(program, { env: { memory } });
  return { memory, ...exports } as unknown as Machine;
}

/** Hands out the memory from the beginning on, at multiples of 16 bytes. */
class Room {
  #end = 64;

  take(bytes: number): number {
    const at = this.#end;
    this.#end = Math.ceil((at + bytes) / 16) * 16;
    return at;
  }

  get end(): number {
    return this.#end;
  }
}

/** A color in memory. */
interface ColorRoom {
  /** The coefficients of one row of MCUs, and for each block whether it has others than the first. */
  coefficients: number;
  hasAc: number;
  /** The first pixel, behind a margin; bytes per row. */
  pixels: number;
  stride: number;
}

/**
 * Decodes the JPEG files that phones and cameras make, to RGB, with the bits of libjpeg-turbo. Undefined for all others, and for files in which anything is not as it should be:
 * those are left to decoders that can say what.
 */
export function decodeSimd(bytes: Uint8Array, header: JpegHeader): Uint8Array | undefined {
  if (!wasmFeatures().simd) return undefined;
  const plan = planOf(bytes, header);
  if (plan === undefined) return undefined;
  const { width, height } = header.frame;
  const { blocks, colors } = plan;
  // 1. Where everything lies.
  const room = new Room();
  const state = room.take(stateLayout.bytes);
  const blocksOfMcu = blocks.planes.reduce((sum, { h, v }) => sum + h * v, 0);
  const table = room.take(blockLayout.bytes * blocksOfMcu);
  const tables = colors.map(() => ({
    dc: room.take(huffmanLayout.bytes),
    ac: room.take(huffmanLayout.bytes),
    steps: room.take(640),
  }));
  const origin = room.take(0);
  const coefficients = blocks.planes.map(({ across, v }) => room.take(BLOCK_BYTES * across * v));
  const hasAcAt = room.take((room.end - origin) / 32);
  const planes = blocks.planes.map(({ across, down }, i): ColorRoom => {
    const stride = across * 8 + 2 * MARGIN;
    const hasAc = hasAcAt + (coefficients[i] - origin) / 32;
    return { coefficients: coefficients[i], hasAc, pixels: room.take(stride * down * 8) + MARGIN, stride };
  });
  const doubled = [0, 1].map(() => room.take(2 * planes[1].stride + 64) + MARGIN);
  const bandRows = Math.max(1, Math.min(height, Math.floor(1e6 / (3 * width))));
  const band = room.take(3 * width * bandRows + 64);
  const file = room.take(bytes.length + 16);
  machine ??= start();
  const run = machine;
  const missing = Math.ceil((room.end - run.memory.buffer.byteLength) / 65536);
  if (missing > 0) run.memory.grow(missing);
  if (run.memory.buffer.byteLength > KEPT_BYTES) machine = undefined;
  const memory = new Uint8Array(run.memory.buffer);
  const ints = new Int32Array(run.memory.buffer);
  // 2. The file, tables and blocks.
  memory.set(bytes, file);
  memory.set([0xff, 0xd9], file + bytes.length);
  for (const [i, color] of colors.entries()) {
    ints.set(packTable(color.dc), tables[i].dc / 4);
    ints.set(packTable(color.ac), tables[i].ac / 4);
    ints.set(stepTable(color.steps), tables[i].steps / 4);
  }
  let entry = table / 4;
  for (const [i, { h, v, across }] of blocks.planes.entries()) {
    const { dc, ac, steps } = tables[i];
    for (let y = 0; y < v; y++) {
      for (let x = 0; x < h; x++, entry += blockLayout.bytes / 4) {
        const at = planes[i].coefficients + (y * across + x) * BLOCK_BYTES;
        ints.set([dc, ac, state + stateLayout.dc + 4 * i, steps, at, h * BLOCK_BYTES], entry);
      }
    }
  }
  ints.fill(0, state / 4, (state + stateLayout.bytes) / 4);
  ints[(state + stateLayout.at) / 4] = file + plan.scan;
  // 3. Row by row of MCUs: coefficients, then pixels.
  const clearTo = hasAcAt + (hasAcAt - origin) / 32;
  let done = 0;
  for (let row = 0; row < blocks.mcusDown; row++) {
    ints.fill(0, origin / 4, clearTo / 4);
    for (let mcu = 0; mcu < blocks.mcusAcross; ) {
      const left =
        plan.restartInterval === 0 ? Number.POSITIVE_INFINITY : plan.restartInterval - (done % plan.restartInterval);
      if (done > 0 && left === plan.restartInterval && !restart(memory, ints, state, done / left - 1)) return undefined;
      const count = Math.min(left, blocks.mcusAcross - mcu);
      run.huffman(state, table, blocksOfMcu, mcu, count, origin, hasAcAt);
      mcu += count;
      done += count;
    }
    if (isStopped(ints, state)) return undefined;
    for (const [i, { v, across }] of blocks.planes.entries()) {
      const { coefficients, hasAc, pixels, stride } = planes[i];
      for (let y = 0; y < v; y++) {
        const to = pixels + (row * v + y) * 8 * stride;
        run.idct(to, stride, coefficients + y * across * BLOCK_BYTES, hasAc + 4 * y * across, across);
      }
    }
  }
  const end = ints[(state + stateLayout.at) / 4];
  if (memory[end] !== 0xff || memory[end + 1] !== 0xd9) return undefined;
  // 4. Pixels, band by band.
  return toRgb(run, memory, plan, planes, { width, height, doubled, band, bandRows });
}

/** Whether bits were taken that there are not, or that make no sense. */
function isStopped(ints: Int32Array, state: number): boolean {
  const [count, padding, isBad] = [stateLayout.count, stateLayout.padding, stateLayout.isBad].map(
    (at) => ints[(state + at) / 4],
  );
  return isBad !== 0 || padding > count;
}

/** Goes on behind restart marker `k`; false where another one stands, or none. */
function restart(memory: Uint8Array, ints: Int32Array, state: number, k: number): boolean {
  const at = ints[(state + stateLayout.at) / 4];
  if (isStopped(ints, state) || memory[at] !== 0xff || memory[at + 1] !== 0xd0 + (k & 7)) return false;
  ints.fill(0, state / 4, (state + stateLayout.bytes) / 4);
  ints[(state + stateLayout.at) / 4] = at + 2;
  return true;
}

interface Output {
  width: number;
  height: number;
  doubled: number[];
  band: number;
  bandRows: number;
}

function toRgb(
  run: Machine,
  memory: Uint8Array,
  { blocks }: Plan,
  planes: readonly ColorRoom[],
  output: Output,
): Uint8Array {
  const { width, height, doubled, band, bandRows } = output;
  const { maxH, maxV } = blocks;
  const rows = blocks.planes[1].height;
  const columns = blocks.planes[1].width;
  if (maxH === 2) for (const plane of planes.slice(1)) repeatEdges(memory, plane, rows, columns);
  const y = new Uint8Array(3 * width * height);
  for (let first = 0; first < height; first += bandRows) {
    const count = Math.min(bandRows, height - first);
    for (let row = first; row < first + count; row++) {
      const [cb, cr] = planes.slice(1).map(({ pixels, stride }, i) => {
        const near = maxV === 2 ? row >> 1 : row;
        if (maxH === 1) return pixels + near * stride;
        const far = Math.min(rows - 1, Math.max(0, row % 2 === 0 ? near - 1 : near + 1));
        if (maxV === 1) run.double(doubled[i], pixels + near * stride, columns);
        else run.double2(doubled[i], pixels + near * stride, pixels + far * stride, columns);
        return doubled[i];
      });
      run.rgb(band + 3 * width * (row - first), planes[0].pixels + row * planes[0].stride, cb, cr, width);
    }
    y.set(memory.subarray(band, band + 3 * width * count), 3 * width * first);
  }
  return y;
}

/** The pixels before the first and after the last of each row are the same as those. */
function repeatEdges(memory: Uint8Array, { pixels, stride }: ColorRoom, rows: number, columns: number): void {
  for (let row = 0, at = pixels; row < rows; row++, at += stride) {
    memory[at - 1] = memory[at];
    memory[at + columns] = memory[at + columns - 1];
  }
}

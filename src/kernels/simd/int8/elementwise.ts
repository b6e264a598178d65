import type { Floats } from '../../../memory/memory.js';
import type {
  Int8CopyGeometry,
  Int8ImageGeometry,
  Int8PairGeometry,
  Int8Range,
  Int8ScaleGeometry,
} from '../../contracts/quantized.js';
import { add, dequantize, quantize, scale } from './elementwiseProgram.js';
import { copy, lookup } from './moves.js';
import { outputValues } from './output.js';

/** Bytes of a chunk. */
const GRAIN = 32768;

function grain(bytesPerUnit: number): number {
  return Math.max(1, Math.ceil(GRAIN / bytesPerUnit));
}

export function int8Quantize(y: Int8Array, x: Floats, g: Int8ImageGeometry, range: Int8Range, inverse: number): void {
  const { channels, pixels, pixel } = g;
  const own = { y: y.byteOffset, x: x.byteOffset, channels, pixels, pixel, inverse };
  quantize.runGroups([own, outputValues(range)], Math.ceil(pixels / 4), grain(4 * channels));
}

export function int8Dequantize(y: Floats, x: Int8Array, g: Int8ImageGeometry, zero: number, scale: number): void {
  const { channels, pixels, pixel } = g;
  dequantize.run({ y: y.byteOffset, x: x.byteOffset, channels, pixels, pixel, zero, scale }, channels, grain(pixels));
}

export function int8Add(y: Int8Array, a: Int8Array, b: Int8Array, g: Int8PairGeometry, range: Int8Range): void {
  const own = { y: y.byteOffset, a: a.byteOffset, b: b.byteOffset };
  add.runGroups([own, g, outputValues(range)], g.pixels, grain(g.channels));
}

export function int8Scale(y: Int8Array, a: Int8Array, b: Int8Array, g: Int8ScaleGeometry, range: Int8Range): void {
  const own = { y: y.byteOffset, a: a.byteOffset, b: b.byteOffset };
  scale.runGroups([own, g, outputValues(range)], g.pixels, grain(g.channels));
}

export function int8Lookup(y: Int8Array, x: Int8Array, table: Int8Array, g: Int8CopyGeometry): void {
  const own = { y: y.byteOffset, x: x.byteOffset, table: table.byteOffset };
  lookup.runGroups([own, g], g.pixels, grain(g.channels));
}

export function int8Copy(y: Int8Array, x: Int8Array, g: Int8CopyGeometry): void {
  copy.runGroups([{ y: y.byteOffset, x: x.byteOffset }, g], g.pixels, grain(g.channels));
}

import type { Floats } from '../../../memory/memory.js';
import type {
  Int8CopyGeometry,
  Int8ImageGeometry,
  Int8PairGeometry,
  Int8Range,
  Int8ScaleGeometry,
} from '../../contracts/quantized.js';
import { toByte } from './requantize.js';

const { fround } = Math;

export function int8Quantize(y: Int8Array, x: Floats, g: Int8ImageGeometry, range: Int8Range, inverse: number): void {
  for (let i = 0; i < g.pixels; i++) {
    for (let c = 0; c < g.channels; c++) {
      y[i * g.pixel + c] = toByte(fround(x[c * g.pixels + i] * fround(inverse)), range);
    }
  }
}

export function int8Dequantize(y: Floats, x: Int8Array, g: Int8ImageGeometry, zero: number, scale: number): void {
  for (let i = 0; i < g.pixels; i++) {
    for (let c = 0; c < g.channels; c++) y[c * g.pixels + i] = (x[i * g.pixel + c] - zero) * fround(scale);
  }
}

export function int8Add(y: Int8Array, a: Int8Array, b: Int8Array, g: Int8PairGeometry, range: Int8Range): void {
  for (let i = 0; i < g.pixels; i++) {
    for (let c = 0; c < g.channels; c++) {
      const av = fround((a[i * g.aPixel + c] - g.aZero) * fround(g.aScale));
      const bv = fround((b[i * g.bPixel + c] - g.bZero) * fround(g.bScale));
      y[i * g.yPixel + c] = toByte(fround(av + bv), range);
    }
  }
}

export function int8Scale(y: Int8Array, a: Int8Array, b: Int8Array, g: Int8ScaleGeometry, range: Int8Range): void {
  for (let i = 0; i < g.pixels; i++) {
    for (let c = 0; c < g.channels; c++) {
      const product = (a[i * g.aPixel + c] - g.aZero) * (b[c] - g.bZero);
      y[i * g.yPixel + c] = toByte(fround(product * fround(g.scale)), range);
    }
  }
}

export function int8Lookup(y: Int8Array, x: Int8Array, table: Int8Array, g: Int8CopyGeometry): void {
  for (let i = 0; i < g.pixels; i++) {
    for (let c = 0; c < g.channels; c++) y[i * g.yPixel + c] = table[x[i * g.xPixel + c] & 255];
  }
}

export function int8Copy(y: Int8Array, x: Int8Array, g: Int8CopyGeometry): void {
  for (let i = 0; i < g.pixels; i++) {
    for (let c = 0; c < g.channels; c++) y[i * g.yPixel + c] = x[i * g.xPixel + c];
  }
}

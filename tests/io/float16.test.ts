import { describe, expect, test } from 'vitest';
import { float16Bytes, toFloat32 } from '../../src/io/dtypes.js';

const back = (...values: number[]): number[] => [...toFloat32('F16', float16Bytes(Float32Array.from(values)))];

describe('float16Bytes', () => {
  test('keeps every half as it is', () => {
    const bytes = new Uint8Array(2 * 65536);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 65536; i++) view.setUint16(2 * i, i, true);
    const values = toFloat32('F16', bytes);
    const again = toFloat32('F16', float16Bytes(values));
    for (let i = 0; i < 65536; i++) expect(Object.is(again[i], values[i]) || Number.isNaN(values[i])).toBe(true);
  });

  test('rounds to the nearest, and ties to the even one', () => {
    const step = 2 ** -10;
    expect(back(1 + step / 2, 1 + (3 * step) / 2, 1 + 0.51 * step)).toEqual([1, 1 + 2 * step, 1 + step]);
    expect(back(2 ** -25, 1.5 * 2 ** -24, 2 ** -24)).toEqual([0, 2 * 2 ** -24, 2 ** -24]);
  });

  test('overflows to infinity from 65,520 on, and keeps signs', () => {
    expect(back(65519, 65520, -1e9, -0)).toEqual([65504, Infinity, -Infinity, -0]);
  });
});

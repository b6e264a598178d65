import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../src/wasm/bytes.js';

/** LEB128 read back, by the definition: seven bits a byte, the last byte's seventh bit is the sign where there is one. */
function readLeb(bytes: readonly number[], signed: boolean): number {
  let value = 0n;
  bytes.forEach((byte, i) => {
    expect(byte >= 0x80, 'every byte but the last says that more follow').toBe(i < bytes.length - 1);
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
  });
  return Number(signed ? BigInt.asIntN(7 * bytes.length, value) : value);
}

describe('ByteWriter', () => {
  it('writes the worked examples of LEB128', () => {
    expect([...new ByteWriter().u32(624485).bytes]).toEqual([0xe5, 0x8e, 0x26]);
    expect([...new ByteWriter().i32(-123456).bytes]).toEqual([0xc0, 0xbb, 0x78]);
    expect([...new ByteWriter().i32(63).i32(64).i32(-64).i32(-65).bytes]).toEqual([63, 0xc0, 0, 0x40, 0xbf, 0x7f]);
    expect([...new ByteWriter().u32(0).u32(127).u32(128).bytes]).toEqual([0, 127, 0x80, 1]);
    expect([...new ByteWriter().u32(2 ** 32 - 1).bytes]).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
    expect([...new ByteWriter().i32(-(2 ** 31)).bytes]).toEqual([0x80, 0x80, 0x80, 0x80, 0x78]);
  });

  it('writes every number in the fewest bytes that read back as it', () => {
    const edges = [...Array(33).keys()].flatMap((k) => [2 ** k - 1, 2 ** k, 2 ** k + 1]);
    const check = (n: number): void => {
      const unsigned = [...new ByteWriter().u32(n).bytes];
      expect(readLeb(unsigned, false)).toBe(n >>> 0);
      expect(unsigned.length).toBe(Math.max(1, Math.ceil((32 - Math.clz32(n)) / 7)));
      for (const m of [n | 0, -n | 0]) {
        const signed = [...new ByteWriter().i32(m).bytes];
        expect(readLeb(signed, true)).toBe(m);
        expect(signed.length).toBe(Math.ceil((33 - Math.clz32(m < 0 ? ~m : m)) / 7));
      }
    };
    for (const n of edges) check(n);
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), check));
  });

  it('writes floats in little-endian order, names in UTF-8 and sections with their length', () => {
    expect([...new ByteWriter().f32(1).bytes]).toEqual([0, 0, 0x80, 0x3f]);
    expect([...new ByteWriter().f64(-2).bytes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0xc0]);
    expect([...new ByteWriter().name('é').bytes]).toEqual([2, 0xc3, 0xa9]);
    expect([...new ByteWriter().sized(new ByteWriter().byte(7).byte(8)).bytes]).toEqual([2, 7, 8]);
  });
});

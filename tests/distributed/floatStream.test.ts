import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FloatStream } from '../../src/distributed/floatStream.js';

test('numbers that come in pieces of any size and place are added as if they came at once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ noNaN: true }), { maxLength: 60 }),
      fc.array(fc.nat(9), { minLength: 1, maxLength: 20 }),
      fc.nat(3),
      fc.boolean(),
      (numbers, sizes, offset, adds) => {
        const sent = new Uint8Array(Float32Array.from(numbers).buffer);
        const x = Float32Array.from(numbers, (_, i) => i / 3);
        const expected = x.map((value, i) => (adds ? value + numbers[i] : numbers[i]));
        const stream = new FloatStream(x, adds, 16);
        for (let at = 0, i = 0; at < sent.length; i++) {
          const size = Math.max(1, sizes[i % sizes.length]);
          const piece = new Uint8Array(new ArrayBuffer(size + 4), offset, Math.min(size, sent.length - at));
          piece.set(sent.subarray(at, at + size));
          expect(stream.isFull).toBe(false);
          stream.write(piece);
          at += size;
        }
        expect(stream.isFull).toBe(true);
        expect(new Uint8Array(x.buffer)).toEqual(new Uint8Array(expected.buffer));
      },
    ),
  );
});

test('messages have a length that is due', () => {
  const stream = new FloatStream(new Float32Array(5), false, 4);
  expect(stream.due).toBe(16);
  stream.write(new Uint8Array(16));
  expect(stream.due).toBe(4);
});

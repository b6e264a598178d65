import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArgumentError, FormatError } from '../../src/base/errors.js';
import type { StateDict } from '../../src/base/stateDict.js';
import {
  type RawTensor,
  readRawTensors,
  readSafetensors,
  readSafetensorsMetadata,
  writeRawTensors,
  writeSafetensors,
} from '../../src/io/safetensors.js';
import { mutatedJson } from '../../testing/jsonMutations.js';
import { expectOnlyFormatErrors, mutated } from '../../testing/mutations.js';

/** A file from a header (an object or its text) and the bytes after it. */
function fileOf(header: unknown, body: ArrayLike<number> = []): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(Array.from(body), 8 + text.length);
  return bytes;
}

const small: StateDict = new Map([
  ['conv.weight', { shape: [1, 2], data: Float32Array.of(1, -2) }],
  ['1', { shape: [], data: Float32Array.of(3) }],
  ['0', { shape: [0, 4], data: new Float32Array(0) }],
]);

test('a file written by hand is read', () => {
  const bytes = fileOf({ w: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] } }, [0, 0, 128, 63, 0, 0, 0, 192]);
  expect([...readSafetensors(bytes)]).toEqual([['w', { shape: [2, 1], data: Float32Array.of(1, -2) }]]);
});

test('what is written is read back, in order, with its metadata', () => {
  const bytes = writeSafetensors(small, { epoch: '3' });
  expect(readSafetensors(bytes).get('conv.weight')).toEqual(small.get('conv.weight'));
  expect(new Set(readSafetensors(bytes).keys())).toEqual(new Set(small.keys()));
  expect(readSafetensors(bytes).get('0')).toEqual(small.get('0'));
  expect(readSafetensorsMetadata(bytes)).toEqual({ epoch: '3' });
  expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
});

test('any state dict survives the way through bytes, bit by bit', () => {
  const entry = fc.float32Array({ maxLength: 9 }).map((data) => ({ shape: [data.length], data }));
  const name = fc.string({ unit: 'grapheme' }).filter((n) => n !== '__metadata__');
  fc.assert(
    fc.property(fc.array(fc.tuple(name, entry), { maxLength: 5 }), (entries) => {
      const state: StateDict = new Map(entries);
      const back = readSafetensors(writeSafetensors(state));
      expect(back.size).toBe(state.size);
      for (const [key, value] of state) expect(back.get(key)).toEqual(value);
    }),
    { numRuns: 30 },
  );
});

test('aligned floats are views of the file, others are copies', () => {
  const bytes = writeSafetensors(small);
  expect(readSafetensors(bytes).get('conv.weight')?.data.buffer).toBe(bytes.buffer);
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(readSafetensors(shifted.subarray(1))).toEqual(readSafetensors(bytes));
});

test.each([
  ['F64', new Float64Array([1.5, -2])],
  ['F16', new Uint16Array([0x3e00, 0xc000])],
  ['BF16', new Uint16Array([0x3fc0, 0xc000])],
  ['I64', new BigInt64Array([1n, -2n])],
  ['U64', new BigUint64Array([1n, 2n])],
  ['I32', new Int32Array([1, -2])],
  ['U32', new Uint32Array([1, 2])],
  ['I16', new Int16Array([1, -2])],
  ['U16', new Uint16Array([1, 2])],
  ['I8', new Int8Array([1, -2])],
  ['U8', new Uint8Array([1, 2])],
  ['BOOL', new Uint8Array([1, 0])],
])('%s is read', (dtype, values) => {
  const body = new Uint8Array(values.buffer);
  const bytes = fileOf({ x: { dtype, shape: [2], data_offsets: [0, body.length] } }, body);
  const expected = /F16/.test(dtype) ? [1.5, -2] : Array.from(values as ArrayLike<number | bigint>, Number);
  expect([...(readSafetensors(bytes).get('x')?.data ?? [])]).toEqual(expected);
});

const f32 = (shape: unknown, begin: number, end: number): object => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

test.each<[string, Uint8Array, RegExp]>([
  ['a file of five bytes', new Uint8Array(5), /has 5 bytes; it needs at least 8/],
  ['an absurd header length', new Uint8Array(16).fill(255), /claims 18446744073709551615 bytes, but 8 follow/],
  ['a header that is no JSON', fileOf('{"a":'), /is not JSON/],
  ['a header that is a list', fileOf([]), /no object/],
  [
    'a name that stands twice',
    fileOf('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061":{}}'),
    /"a" twice/,
  ],
  [
    'a type that is unknown',
    fileOf({ a: { dtype: 'F8_E5M2', shape: [], data_offsets: [0, 1] } }, [0]),
    /"F8_E5M2", but this reader/,
  ],
  ['an entry that is null', fileOf({ a: null }), /a has the element type none/],
  ['a shape with a fraction', fileOf({ a: f32([0.5], 0, 0) }), /whole numbers, but has \[0.5\]/],
  [
    'a shape that does not fill its bytes',
    fileOf({ a: f32([2], 0, 4) }, [0, 0, 0, 0]),
    /takes 8 bytes, but its offsets 0 to 4 are 4/,
  ],
  ['an endless shape', fileOf({ a: f32([2 ** 50, 2 ** 50], 0, 4) }, [0, 0, 0, 0]), /takes 5.07/],
  [
    'an overlap',
    fileOf({ a: f32([1], 0, 4), b: f32([1], 2, 6) }, [0, 0, 0, 0, 0, 0]),
    /b begins at byte 2, which overlaps/,
  ],
  ['a gap', fileOf({ a: f32([1], 4, 8) }, [0, 0, 0, 0, 0, 0, 0, 0]), /a begins at byte 4, which leaves a gap/],
  ['an end outside of the file', fileOf({ a: f32([2], 0, 8) }, [0, 0, 0, 0]), /ends at byte 8, but the file has 4/],
  ['bytes that belong to nothing', fileOf({ a: f32([1], 0, 4) }, [0, 0, 0, 0, 9]), /take 4 bytes, but 5 follow/],
  ['metadata with a number', fileOf({ __metadata__: { a: 1 } }), /not an object of strings/],
])('%s is refused with a sentence', (_, bytes, message) => {
  expect(() => readSafetensors(bytes)).toThrow(FormatError);
  expect(() => readSafetensors(bytes)).toThrow(message);
});

test('what does not fit is not written', () => {
  const wrong: StateDict = new Map([['w', { shape: [3], data: new Float32Array(2) }]]);
  expect(() => writeSafetensors(wrong)).toThrow('w has shape [3], but 2 values; it needs 3.');
  expect(() => writeSafetensors(new Map([['__metadata__', { shape: [0], data: new Float32Array(0) }]]))).toThrow(
    ArgumentError,
  );
});

test('random and mutated bytes give a state dict or a FormatError', () => {
  const bytes = writeSafetensors(small, { a: 'b' });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (b) => expectOnlyFormatErrors(() => readSafetensors(b))));
  fc.assert(
    fc.property(mutated(bytes), (b) => expectOnlyFormatErrors(() => readSafetensors(b))),
    { numRuns: 3000 },
  );
});

test('deeply nested headers are no danger', () => {
  expectOnlyFormatErrors(() => readSafetensors(fileOf(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`)));
});

test('a header text of any length is read, in time that grows with it', () => {
  const time = (length: number): number => {
    const text = 'x"\\{:'.repeat(length / 5);
    const bytes = writeSafetensors(small, { text });
    const start = performance.now();
    expect(readSafetensorsMetadata(bytes).text.length).toBe(text.length);
    return performance.now() - start;
  };
  time(1e5);
  const [short, long] = [Math.max(time(2e6), 20), time(2e7)];
  expect(long).toBeLessThan(60 * short);
}, 60_000);

test('a header that readers would refuse is not written', () => {
  const text = 'x'.repeat(50_000_001);
  expect(() => writeSafetensors(small, { a: text, b: text })).toThrow(
    /take 10\d+ bytes, but readers allow a header of 100000000/,
  );
  expect(() => writeSafetensors(small, { a: text, b: text })).toThrow(ArgumentError);
}, 60_000);

test('keys that stand twice are found behind escapes, in any depth, and only there', () => {
  const ofText = (text: string) =>
    readSafetensors(fileOf(`{"__metadata__":{"a":${JSON.stringify(text)},"b":"","a":""}}`));
  for (const text of ['', '\\', '"', '\\"', '\\\\"', '{"', ':"\\', 'a":"']) {
    expect(() => ofText(text)).toThrow('has the key "a" twice');
    expect(readSafetensorsMetadata(writeSafetensors(small, { a: text, b: text }))).toEqual({ a: text, b: text });
  }
  expect(() => readSafetensors(fileOf('{"__metadata__":{"\\u0061":"","a":""}}'))).toThrow('has the key "a" twice');
});

test('a field that is nested too deep to be shown is refused with a sentence', () => {
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  const header = (dtype: string, shape: string) => `{"w":{"dtype":${dtype},"shape":${shape},"data_offsets":[0,4]}}`;
  expect(() => readSafetensors(fileOf(header(deep, '[1]'), [0, 0, 0, 0]))).toThrow(FormatError);
  expect(() => readSafetensors(fileOf(header('"F32"', deep), [0, 0, 0, 0]))).toThrow(FormatError);
  expect(() => readSafetensors(fileOf(deep))).toThrow(FormatError);
});

test('tensors of every element type go through bytes as they are', () => {
  const tensors = new Map<string, RawTensor>([
    ['wide', { dtype: 'F64', shape: [2], bytes: new Uint8Array(Float64Array.of(0.1, Number.NaN).buffer) }],
    ['narrow', { dtype: 'U8', shape: [3], bytes: Uint8Array.of(1, 2, 255) }],
  ]);
  const bytes = writeRawTensors(tensors, { a: 'b' });
  expect(readRawTensors(bytes)).toEqual(tensors);
  expect(readSafetensors(bytes).get('narrow')?.data).toEqual(Float32Array.of(1, 2, 255));
});

test('a header of which any fields are changed gives a state dict or a FormatError', () => {
  const header = {
    __metadata__: { a: 'b' },
    w: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
    v: { dtype: 'F16', shape: [2], data_offsets: [8, 12] },
  };
  fc.assert(
    fc.property(mutatedJson(header), (changed) =>
      expectOnlyFormatErrors(() => readSafetensors(fileOf(changed ?? null, new Uint8Array(12)))),
    ),
  );
});

test('writes half the bytes with dtype F16: each number is the nearest of half precision', () => {
  const data = Float32Array.of(1, -2.5, 0.1, 1e-7, 65504, Number.NEGATIVE_INFINITY);
  const state = new Map([['w', { shape: [2, 3], data }]]);
  const bytes = writeSafetensors(state, { a: 'b' }, { dtype: 'F16' });
  expect(writeSafetensors(state, { a: 'b' }).length - bytes.length).toBe(12);
  expect([...(readSafetensors(bytes).get('w')?.data ?? [])]).toEqual([
    1,
    -2.5,
    1638 / 16384,
    2 * 2 ** -24,
    65504,
    Number.NEGATIVE_INFINITY,
  ]);
  const large = new Map([['fc.weight', { shape: [1], data: Float32Array.of(70000) }]]);
  expect(() => writeSafetensors(large, {}, { dtype: 'F16' })).toThrow(
    'writeSafetensors: fc.weight has the value 70000, but F16 ends at 65504. Write this model as F32.',
  );
});

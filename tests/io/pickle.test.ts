import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import { type PickleHooks, readPickle } from '../../src/io/pickle.js';
import { PickleGlobal, type PickleValue, UnknownObject } from '../../src/io/pickleValues.js';
import { expectOnlyFormatErrors } from '../../testing/mutations.js';

const hooks: PickleHooks = {
  global: (name) => (name === 'm.f' ? new PickleGlobal(name, (args) => ['called', ...args]) : undefined),
  persistentLoad: (id) => ['persistent', id],
};

/** Reads a pickle written as characters, one a byte. */
const read = (characters: string): PickleValue =>
  readPickle(Uint8Array.from(Buffer.from(characters, 'latin1')), 0, hooks).value;

test.each<[string, string, PickleValue]>([
  ['protocol 0 numbers', '(I12\nI-3\nI01\nL5L\nF1.5\nl.', [12, -3, true, 5, 1.5]],
  ['protocol 0 text', "(S'ab'\nVcd\nt.", ['ab', 'cd']],
  ['protocol 0 dictionary', '(dI1\nI2\ns.', new Map([[1, 2]])],
  ['fixed-size numbers', '(K\x05M\x01\x02J\xff\xff\xff\xfft.', [5, 513, -1]],
  ['a double', 'G?\xf8\0\0\0\0\0\0.', 1.5],
  ['long numbers', '(\x8a\x00\x8a\x01\xff\x8a\x09\0\0\0\0\0\0\0\0\x01t.', [0, -1, 2n ** 64n]],
  ['unicode text', 'X\x02\0\0\0\xc3\xa9.', 'é'],
  ['bytes', 'C\x02\x01\xff.', Uint8Array.of(1, 255)],
  ['tuples of one, two, three', '(K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87t.', [[1], [1, 2], [1, 2, 3]]],
  ['appending', ']K\x01a(K\x02K\x03e.', [1, 2, 3]],
  [
    'a dictionary of pairs',
    '}(K\x01NK\x02\x88u.',
    new Map<PickleValue, PickleValue>([
      [1, null],
      [2, true],
    ]),
  ],
  ['sets', '\x80\x04\x8f(K\x01K\x02\x90.', new Set([1, 2])],
  ['the memo', '(K\x07q\x05h\x05K\x08\x94h\x01t.', [7, 7, 8, 8]],
  ['dropping and doubling', '(K\x01K\x020(K\x03K\x0412t.', [1, 1]],
  ['a call that is known', 'cm\nf\n(K\x01K\x02tR.', ['called', 1, 2]],
  ['the newer call', '\x80\x04\x8c\x01m\x8c\x01f\x93)\x81.', ['called']],
  [
    'persistent objects',
    '(K\x05QP12\nt.',
    [
      ['persistent', 5],
      ['persistent', '12'],
    ],
  ],
])('%s', (_, characters, expected) => {
  expect(read(characters)).toEqual(expected);
});

const unknown = (fields: object): unknown => expect.objectContaining({ unknown: 'm.C', ...fields });

test.each<[string, string, unknown]>([
  ['a call', 'cm\nC\n(S"ls"\ntR.', unknown({ args: ['ls'] })],
  [
    'a new object with attributes',
    'cm\nC\n)\x81}X\x01\0\0\0aK\x01sb.',
    unknown({ args: [], state: new Map([['a', 1]]) }),
  ],
  ['an object with keywords', 'cm\nC\n)}X\x01\0\0\0aK\x01s\x92.', unknown({ kwargs: new Map([['a', 1]]) })],
  ['an instance of protocol 0', '(K\x01im\nC\n.', unknown({ args: [1] })],
  ['an instance of protocol 1', '(cm\nC\nK\x01o.', unknown({ args: [1] })],
  ['a subclass of list', 'cm\nC\n)\x81(K\x01K\x02eK\x03a.', unknown({ items: [1, 2, 3] })],
  [
    'a subclass of dict',
    'cm\nC\n)\x81(K\x01K\x02uK\x03K\x04s.',
    unknown({
      entries: new Map([
        [1, 2],
        [3, 4],
      ]),
    }),
  ],
  ['a subclass of set', 'cm\nC\n)\x81(K\x01\x90.', unknown({ items: [1] })],
  ['a call of what a call returned', 'cm\nC\n)RK\x05\x85R.', unknown({ args: [unknown({ args: [] }), [5]] })],
])('%s of an unknown class is a record of it', (_, characters, expected) => {
  expect(read(characters)).toEqual(expected);
  expect(read(characters)).toBeInstanceOf(UnknownObject);
});

test('an unknown class that is not called is its name', () => {
  expect(read('cm\nC\n.')).toBeInstanceOf(PickleGlobal);
  expect(read('cm\nC\n.')).toMatchObject({ name: 'm.C' });
});

test('numbers of text are those that Python writes', () => {
  expect(read('(Finf\nF-inf\nFnan\nF1e-05\nI-0\nL123456789012345678901L\nl.')).toEqual([
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    1e-5,
    0,
    123456789012345678901n,
  ]);
  expect(read('(\x8a\x02\x00\x80\x8a\x06\xff\xff\xff\xff\xff\x7f\x8a\x07\0\0\0\0\0\0\x80l.')).toEqual([
    -(2 ** 15),
    2 ** 47 - 1,
    -(2n ** 55n),
  ]);
});

test('dropping a mark drops no value below it', () => {
  expect(read('K\x01(0.')).toBe(1);
  expect(() => read('K\x01(.')).toThrow('too few values');
});

/** Pickles of 4 MB that repeat one operation: none may take long, nor far more memory than they have bytes. */
test.each<[string, string, string, RegExp]>([
  ['marks', '', '(', /more than 100000 containers are open/],
  ['values', '', 'N', /more than \d+ values wait|too few|needs 1 bytes/],
  ['lists', '', ']', /make more than \d+ bytes/],
  ['dictionaries', '', '}', /make more than \d+ bytes/],
  ['sets', '', '\x8f0', /make more than \d+ bytes/],
  ['bytes', '', 'C\0', /make more than \d+ bytes/],
  ['memos', 'N', '\x94', /needs 1 bytes/],
  ['far memos', 'N', 'r\xff\xff\xff\x0f', /memo 268435455 cannot be/],
  ['calls', 'cm\nf\n0', 'cm\nf\n)R0', /needs 1 bytes|make more/],
  ['unknown calls', 'cm\nC\nq\0', 'h\0)R', /make more than \d+ bytes/],
  [
    'copies of a long list',
    `(${'K\x01'.repeat(1e5)}t\x85q\x01cm\nf\nq\x02`,
    'h\x02h\x01R0',
    /make more than \d+ bytes/,
  ],
])('a flood of %s ends with a sentence at once', (_, start, unit, message) => {
  const bytes = Buffer.from(start + unit.repeat(Math.floor(4e6 / unit.length)), 'latin1');
  const begin = process.cpuUsage();
  expect(() => readPickle(bytes, 0, hooks)).toThrow(message);
  const { user, system } = process.cpuUsage(begin);
  expect((user + system) / 1e6).toBeLessThan(2);
});

test.each<[string, string, RegExp]>([
  ['nothing', '', /needs 1 bytes at 0/],
  ['an operation that does not exist', '\xff.', /byte 0 is 255/],
  ['a stop without a value', '.', /too few values/],
  ['a tuple without a mark', 't.', /no mark/],
  ['a key without a value', '}(K\x01u.', /key without a value/],
  ['a memo that is empty', 'h\x03.', /memo 3 is empty/],
  ['a call of a number', 'K\x01)R.', /no function/],
  ['an append to a number', 'K\x01K\x02a.', /no list/],
  ['text longer than the file', 'X\xff\xff\xff\x7fab.', /needs 2147483647 bytes/],
  ['a number of gigabytes', '\x8b\xff\xff\xff\x7f.', /whole number of 2147483647 bytes/],
  ['a line that does not end', 'I12', /a line has no end/],
  ['a line that is no number', 'Iab\n.', /no whole number/],
  ['a protocol of the future', '\x80\x09N.', /protocol 9 is newer/],
])('%s is refused with a sentence', (_, characters, message) => {
  expect(() => read(characters)).toThrow(FormatError);
  expect(() => read(characters)).toThrow(message);
});

/** Any operation with the operands that it reads, and most often what it needs on the stack. */
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(...'()]}.NtludaesbRQ012o', ...'\x80\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94'),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom('cm\nf\n', 'cm\nC\n', '(im\nC\n', 'cm\nC\n)\x81', 'cm\nC\n)R', '}b', ']}sb', '(NNtR'),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'K\x01',
      'M\0\x01',
      'J\xff\xff\xff\xff',
      'X\x01\0\0\0a',
      '\x8c\x01b',
      'C\x01c',
      'I1\n',
      "S'a'\n",
      'F1.5\n',
      'G?\xf8\0\0\0\0\0\0',
      '\x8a\x01\xff',
      '\x95\0\0\0\0\0\0\0\0',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('h', 'q'), fc.nat(5)).map(([op, i]) => op + String.fromCharCode(i)),
  },
  { weight: 1, arbitrary: fc.nat(255).map((b) => String.fromCharCode(b)) },
);

test('any sequence of operations gives a value or a FormatError', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (pieces) =>
      expectOnlyFormatErrors(() => read(`${pieces.join('')}.`)),
    ),
    { numRuns: 10_000 },
  );
});

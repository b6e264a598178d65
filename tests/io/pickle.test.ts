import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PickleHooks, readPickle } from '../../src/io/pickle.js';
import { PickleGlobal, type PickleValue, UnknownObject } from '../../src/io/pickleValues.js';
import { FormatError } from '../../src/tensor/errors.js';
import { expectOnlyFormatErrors } from '../support/mutations.js';

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

test.each<[string, string, RegExp]>([
  ['an unknown function', 'cos\nsystem\n(S"ls"\ntR.', /refuses "os.system"/],
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

test('any sequence of operations gives a value or a FormatError', () => {
  const operations = [
    ...'()]}.NtludaesbRQqhpg012KMJXUcIFSV',
    '\x80',
    '\x81',
    '\x85',
    '\x86',
    '\x88',
    '\x8a',
    '\x8f',
    '\x90',
    '\x93',
    '\x94',
  ];
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...operations) },
    { weight: 1, arbitrary: fc.constantFrom('cm\nf\n', 'K\x01', 'X\x01\0\0\0a', 'I1\n', 'h\0', 'q\0') },
    { weight: 1, arbitrary: fc.nat(255).map((b) => String.fromCharCode(b)) },
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) =>
      expectOnlyFormatErrors(() => read(`${pieces.join('')}.`)),
    ),
    { numRuns: 10_000 },
  );
});

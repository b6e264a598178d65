import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import type { StateDict } from '../../src/base/stateDict.js';
import { stateDictFromCheckpoint } from '../../src/io/stateDictFromCheckpoint.js';
import { readTorchCheckpoint } from '../../src/io/torchCheckpoint.js';
import { StoredZip } from '../../src/io/zip.js';
import { expectOnlyFormatErrors, mutated } from '../../testing/mutations.js';
import { zipOf } from '../../testing/zipOf.js';

const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../golden/files/${name}`, import.meta.url)));

const range = (n: number, fn = (i: number): number => i): number[] => Array.from({ length: n }, (_, i) => fn(i));

describe.each(['zip', 'legacy'])('a checkpoint in the %s format', (format) => {
  const bytes = file(`checkpoint-${format}.pt`);
  const checkpoint = readTorchCheckpoint(bytes) as Map<string, unknown>;
  const state: StateDict = stateDictFromCheckpoint(checkpoint as never);
  const values = (name: string): number[] => [...(state.get(name)?.data ?? [])];

  test('plain values come back as what they are', () => {
    expect(checkpoint.get('epoch')).toBe(3);
    expect(checkpoint.get('best')).toBe(91.25);
    expect(checkpoint.get('big')).toBe(2n ** 70n);
    expect(checkpoint.get('name')).toBe('résumé');
    expect(checkpoint.get('flags')).toEqual([true, false, null]);
    expect(checkpoint.get('pair')).toEqual([1, -2]);
    expect(checkpoint.get('shape')).toEqual([2, 3]);
  });

  test('contiguous and strided tensors come back in row-major order', () => {
    expect(state.get('ramp')?.shape).toEqual([2, 3, 4]);
    expect(values('ramp')).toEqual(range(24));
    expect(state.get('transposed')?.shape).toEqual([4, 2, 3]);
    expect(values('transposed')).toEqual(
      range(24, (i) => 12 * (Math.trunc(i / 3) % 2) + 4 * (i % 3) + Math.trunc(i / 6)),
    );
    expect(values('window')).toEqual([5, 6, 9, 10, 17, 18, 21, 22]);
    expect(values('expanded')).toEqual([1, 1, 1, 2, 2, 2]);
    expect(state.get('scalar')?.shape).toEqual([]);
    expect(values('scalar')).toEqual([7]);
    expect(state.get('empty')).toEqual({ shape: [0, 3], data: new Float32Array(0) });
    expect(values('parameter')).toEqual([0.5, -0.5]);
  });

  test('two tensors of one storage share its memory', () => {
    expect(values('head')).toEqual([0, 1, 2, 3]);
    expect(values('tail')).toEqual([6, 7, 8, 9]);
    expect(state.get('head')?.data.buffer).toBe(state.get('tail')?.data.buffer);
  });

  test('every element type becomes float32', () => {
    expect(values('half')).toEqual([1.5, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY]);
    expect(values('bfloat')).toEqual([1.5, -2, 2 ** 100]);
    expect(values('double')).toEqual([Math.fround(0.1), Number.POSITIVE_INFINITY]);
    expect(values('long')).toEqual([-5, 2 ** 40]);
    expect(values('int')).toEqual([-5, 7]);
    expect(values('short')).toEqual([-5, 7]);
    expect(values('char')).toEqual([-5, 7]);
    expect(values('byte')).toEqual([5, 250]);
    expect(values('bool')).toEqual([1, 0, 1]);
  });

  test('every cut is a FormatError', () => {
    for (let end = 0; end < bytes.length; end += end < 64 ? 1 : 37) {
      expect(() => readTorchCheckpoint(bytes.slice(0, end)), `cut at ${end}`).toThrow(FormatError);
    }
  });

  test('mutated bytes give a value or a FormatError', () => {
    fc.assert(
      fc.property(mutated(bytes), (changed) => expectOnlyFormatErrors(() => readTorchCheckpoint(changed))),
      { numRuns: 1500 },
    );
  });

  test('a file that asks for a function gets a record of its name, and runs nothing', () => {
    const evil = readTorchCheckpoint(file(`evil-${format}.pt`));
    const call = { unknown: 'posix.system', args: ['echo executed > /tmp/stridenet-executed'] };
    expect(evil instanceof Map && evil.get('x')).toMatchObject(call);
    expect(() => stateDictFromCheckpoint(evil)).toThrow('no tensors found');
    expect(existsSync('/tmp/stridenet-executed')).toBe(false);
  });
});

/** All that one does with a checkpoint. */
function use(bytes: Uint8Array): void {
  const begin = performance.now();
  expectOnlyFormatErrors(() => {
    const checkpoint = readTorchCheckpoint(bytes);
    for (const { data } of stateDictFromCheckpoint(checkpoint).values()) data.at(-1);
  });
  expect(performance.now() - begin).toBeLessThan(2000);
}

describe.each(['checkpoint-zip.pt', 'objects.pt', 'objects-protocol4.pt', 'module.pt', 'script.pt'])(
  'a pickle of %s that was changed',
  (name) => {
    const zip = new StoredZip(file(name));
    const pickleName = zip.names().find((entry) => entry.endsWith('/data.pkl')) as string;
    const pickle = zip.read(pickleName);
    const others = zip.names().filter((entry) => /\/data\/|constants\.pkl$/.test(entry));
    const sealed = (changed: Uint8Array): Uint8Array =>
      zipOf([[pickleName, changed], ...others.map((entry): [string, Uint8Array] => [entry, zip.read(entry)])]);

    test('and sealed in its archive with a new checksum gives weights or a FormatError', () => {
      expect(stateDictFromCheckpoint(readTorchCheckpoint(sealed(pickle))).size).toBeGreaterThan(0);
      fc.assert(
        fc.property(mutated(pickle), (changed) => use(sealed(changed))),
        { numRuns: 300 },
      );
    });

    test('by operations that were put in, doubled or left out gives weights or a FormatError', () => {
      const place = fc.nat(pickle.length - 1);
      const put = fc.oneof(
        fc.constantFrom(...'()]}.NtludaesbRQ012o\x81\x85\x86\x87\x8f\x90\x92\x93\x94'),
        fc.constantFrom(
          'cbuiltins\ngetattr\n',
          'cargparse\nNamespace\n)\x81',
          'K\x01',
          'X\x05\0\0\0model',
          '(NNtR',
          'h\0',
        ),
        fc.tuple(place, fc.nat(40)).map(([at, length]) => String.fromCharCode(...pickle.subarray(at, at + length))),
      );
      fc.assert(
        fc.property(fc.array(fc.tuple(place, put, fc.nat(3)), { minLength: 1, maxLength: 4 }), (changes) => {
          let text = Buffer.from(pickle).toString('latin1');
          for (const [at, what, gone] of changes) text = text.slice(0, at) + what + text.slice(at + gone);
          use(sealed(Buffer.from(text, 'latin1')));
        }),
        { numRuns: 300 },
      );
    });
  },
);

test.each(['objects.pt', 'objects-legacy.pt', 'module-legacy.pt', 'script.pt'])(
  'mutated bytes of %s give weights or a FormatError',
  (name) => {
    fc.assert(
      fc.property(mutated(file(name)), (changed) => use(changed)),
      { numRuns: 300 },
    );
  },
);

test('random bytes behind each known beginning give a FormatError or a value', () => {
  const starts = [[], [0x50, 0x4b, 3, 4], [...file('checkpoint-legacy.pt').subarray(0, 137)]];
  fc.assert(
    fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) =>
      expectOnlyFormatErrors(() => readTorchCheckpoint(Uint8Array.from([...start, ...rest]))),
    ),
    { numRuns: 2000 },
  );
});

test('a tensor of strides 0 is not unfolded without limit', () => {
  expect(() => readTorchCheckpoint(file('bomb.pt'))).toThrow(/unfold to far more than the file's \d+ bytes/);
});

test('names lose the prefix, can be renamed and left out, and must stay different', () => {
  const checkpoint = readTorchCheckpoint(file('checkpoint-zip.pt'));
  expect([...stateDictFromCheckpoint(checkpoint, { prefix: '' }).keys()][0]).toBe('module.ramp');
  const picked = stateDictFromCheckpoint(checkpoint, { rename: (name) => (name === 'ramp' ? 'weight' : null) });
  expect([...picked.keys()]).toEqual(['weight']);
  expect(() => stateDictFromCheckpoint(checkpoint, { rename: () => 'x' })).toThrow(
    'two entries end up with the name x',
  );
  expect(() => stateDictFromCheckpoint(new Map([['epoch', 3]]))).toThrow('It is a dictionary of epoch.');
  expect(() => stateDictFromCheckpoint(3)).toThrow('no tensors found');
});

const real = new URL('../../../shared/weights/resnet20-cifar10/resnet20-12fca82f.th', import.meta.url);

test.skipIf(!existsSync(real))('the published ResNet-20 weights load (skipped without ../shared/weights)', () => {
  const checkpoint = readTorchCheckpoint(new Uint8Array(readFileSync(real)));
  expect(checkpoint instanceof Map && checkpoint.get('best_prec1')).toBeCloseTo(91.78, 5);
  const state = stateDictFromCheckpoint(checkpoint);
  expect(state.get('layer3.2.conv2.weight')?.shape).toEqual([64, 64, 3, 3]);
  const isLearned = (name: string): boolean => !/running|tracked/.test(name);
  const learned = [...state].filter(([name]) => isLearned(name));
  expect(learned.reduce((sum, [, { data }]) => sum + data.length, 0)).toBe(269_722);
});

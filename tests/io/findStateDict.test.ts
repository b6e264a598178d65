import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../src/base/errors.js';
import { type PickleValue, UnknownObject } from '../../src/io/pickleValues.js';
import { stateDictFromCheckpoint } from '../../src/io/stateDictFromCheckpoint.js';
import { readTorchCheckpoint } from '../../src/io/torchCheckpoint.js';
import { TorchTensor } from '../../src/io/torchStorage.js';

const file = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../golden/files/${name}`, import.meta.url)));

const dictionary = (entries: Record<string, PickleValue>): Map<PickleValue, PickleValue> =>
  new Map(Object.entries(entries));
const tensor = (): TorchTensor => new TorchTensor([], 'F32');
const weights = (prefix = ''): Map<PickleValue, PickleValue> =>
  dictionary({ [`${prefix}conv.weight`]: tensor(), [`${prefix}conv.bias`]: tensor() });
const names = (checkpoint: PickleValue, options = {}): string[] => [
  ...stateDictFromCheckpoint(checkpoint, options).keys(),
];
const both = ['conv.weight', 'conv.bias'];

describe.each(['objects.pt', 'objects-legacy.pt', 'objects-protocol4.pt'])('weights beside objects in %s', (name) => {
  const checkpoint = readTorchCheckpoint(file(name)) as Map<string, PickleValue>;

  test('are those that were saved', () => {
    const state = stateDictFromCheckpoint(checkpoint as never);
    expect([...state.keys()]).toEqual(['block.scale', 'block.conv.weight', 'block.conv.bias', 'fc.weight']);
    expect([...(state.get('block.conv.weight')?.data ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect([...(state.get('fc.weight')?.data ?? [])]).toEqual([0.5, 4]);
  });

  test.each<[string, PickleValue]>([
    ['counter', new Map([...'ab'].map((letter, i) => [letter, 2 - i]))],
    ['defaultdict', new Map([['a', [1]]])],
    ['bytes', Uint8Array.of(97, 98, 255)],
    ['sets', [new Set([1]), new Set([2])]],
    ['device', 'cuda:1'],
  ])('%s is a value of its own kind', (key, value) => {
    expect(checkpoint.get(key)).toEqual(value);
  });

  test.each<[string, RegExp]>([
    ['namespace', /^argparse\.Namespace$/],
    ['complex', /^(builtins|__builtin__)\.complex$/],
    ['date', /^datetime\.date$/],
    ['deque', /^collections\.deque$/],
    ['decimal', /^decimal\.Decimal$/],
    ['partial', /^functools\.partial$/],
    ['enum', /\.getattr$/],
    ['scalar', /^numpy\.core\.multiarray\.scalar$/],
    ['array', /^numpy\.core\.multiarray\._reconstruct$/],
    ['phases', /^torch\._utils\._rebuild_tensor_v2$/],
    ['quantized', /^torch\._utils\._rebuild_qtensor$/],
  ])('%s is a record of its class', (key, unknown) => {
    expect(checkpoint.get(key)).toMatchObject({ unknown: expect.stringMatching(unknown) });
  });

  test('records hold arguments, attributes and items', () => {
    const record = (key: string): UnknownObject => checkpoint.get(key) as UnknownObject;
    const attributes = record('namespace').state as Map<string, PickleValue>;
    expect(attributes.get('lr')).toBe(0.1);
    expect(attributes.get('output')).toMatchObject({ unknown: 'pathlib.PurePosixPath', args: ['runs', 'a'] });
    expect(record('decimal').args).toEqual(['1.5']);
    expect(record('config').entries).toEqual(new Map([['a', 1]]));
    expect(record('history').items).toEqual([3, 4]);
    expect(checkpoint.get('cls')).toMatchObject({ name: 'torch.nn.modules.conv.Conv2d' });
  });
});

test.each(['module.pt', 'module-legacy.pt', 'script.pt'])(
  'the weights of a whole module in %s have the names of its state dict',
  (name) => {
    const state = stateDictFromCheckpoint(readTorchCheckpoint(file(name)));
    expect([...state.keys()].filter((key) => key !== 'block.cache').sort()).toEqual([
      'block.conv.bias',
      'block.conv.weight',
      'block.scale',
      'fc.weight',
    ]);
    expect(state.get('block.conv.weight')?.shape).toEqual([2, 2, 1, 3]);
    expect([...(state.get('block.conv.bias')?.data ?? [])]).toEqual([1, -1]);
    // TorchScript does not say which buffers are not to be saved.
    expect(state.has('block.cache')).toBe(name === 'script.pt');
  },
);

test.each<[string, PickleValue]>([
  ['behind a best accuracy', dictionary({ best: tensor(), state_dict: weights() })],
  ['behind a random state', dictionary({ rng_state: tensor(), cuda_rng: [tensor()], model: weights() })],
  ['as the checkpoint itself', weights()],
  ['under an unusual name', dictionary({ acc: tensor(), resnet: weights(), epoch: 3 })],
  ['beside other dictionaries of tensors', dictionary({ resnet: weights(), metrics: dictionary({ acc: tensor() }) })],
  ['beside an optimizer', dictionary({ resnet: weights(), optimizer: dictionary({ 'a.weight': tensor() }) })],
  ['in a dictionary of a usual name', dictionary({ model: dictionary({ state_dict: weights() }) })],
  ['in a tuple', [3, weights()]],
  ['under ema where there is no model', dictionary({ model: null, ema: weights() })],
  ['under model where there is ema', dictionary({ ema: weights('x.'), model: weights() })],
])('the state dict is found %s', (_, checkpoint) => {
  expect(names(checkpoint)).toEqual(both);
});

test('a subclass of dict holds weights too', () => {
  const record = new UnknownObject('project.Weights', []);
  record.entries = weights();
  expect(names(record)).toEqual(both);
  expect(names(dictionary({ state_dict: record }))).toEqual(both);
});

test('several state dicts are listed, and the key chooses', () => {
  const checkpoint = dictionary({
    generator: weights(),
    discriminator: weights('d.'),
    'a.b': dictionary({ c: weights('c.') }),
  });
  expect(() => names(checkpoint)).toThrow(
    "holds several state dicts: 'generator' (2 tensors), 'discriminator' (2 tensors), 'a.b.c' (2 tensors). Choose one with { key: 'generator' }.",
  );
  expect(names(checkpoint, { key: 'generator' })).toEqual(both);
  expect(names(checkpoint, { key: 'discriminator' })).toEqual(['d.conv.weight', 'd.conv.bias']);
  expect(names(checkpoint, { key: 'a.b.c' })).toEqual(['c.conv.weight', 'c.conv.bias']);
  expect(() => names(checkpoint, { key: 'encoder' })).toThrow(
    "no tensors found under the key 'encoder'. It is a dictionary of generator, discriminator, a.b.",
  );
});

test('weights that cannot be read are named, unless they are left out', () => {
  const checkpoint = new Map([...weights(), ['q', new UnknownObject('torch._utils._rebuild_qtensor', [])]]);
  expect(() => names(checkpoint)).toThrow('q is made by torch._utils._rebuild_qtensor');
  expect(names(checkpoint, { rename: (name: string) => (name === 'q' ? null : name) })).toEqual(both);
  const array = new UnknownObject('numpy.core.multiarray._reconstruct', []);
  expect(() => names(dictionary({ model: dictionary({ w: array }) }))).toThrow('w is made by numpy');
  expect(names(new Map([...weights(), ['classes', array]]))).toEqual(both);
});

test('a structure that holds itself, or shares its parts without end, is no trouble', () => {
  const own = dictionary({ epoch: 3 });
  own.set('model', own).set('other', own);
  expect(() => names(own)).toThrow(FormatError);
  const module = new UnknownObject('project.Net', []);
  const parts = { _parameters: new Map(), _buffers: new Map(), _modules: dictionary({ a: module, b: module }) };
  module.setState(dictionary(parts));
  expect(() => names(module)).toThrow('a module contains itself, or modules without end');
  let shared = new UnknownObject('project.Net', []);
  for (let depth = 0; depth < 60; depth++) {
    const around = new UnknownObject('project.Net', []);
    around.setState(dictionary({ ...parts, _modules: dictionary({ a: shared, b: shared }) }));
    shared = around;
  }
  shared.setState(dictionary({ ...parts, _modules: dictionary({ a: shared }) }));
  expect(() => names(shared)).toThrow(FormatError);
});

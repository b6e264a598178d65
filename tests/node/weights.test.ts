import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { FormatError, StateDictError } from '../../src/base/errors.js';
import { Conv2d, Linear, permute, Sequential, Tensor } from '../../src/index.js';
import { crc32 } from '../../src/io/crc32.js';
import { writeSafetensors } from '../../src/io/safetensors.js';
import {
  loadOnnx,
  loadSafetensorsMetadata,
  loadTfjsLayersModel,
  loadTfjsModel,
  loadTorchCheckpoint,
  loadWeights,
  loadWeightsInto,
  saveOnnx,
  saveWeights,
} from '../../src/node/index.js';
import { TfjsModel } from '../../src/tfjs/index.js';
import { expectOnlyOwnErrors, mutated } from '../../testing/mutations.js';
import { tarOf } from '../../testing/tarOf.js';
import { zipOf } from '../../testing/zipOf.js';
import { formula } from '../golden/formula.js';
import { type Golden, joined, weightBytes } from '../golden/tfjsCases.js';
import { Graph, graphBytes, graphFile } from '../golden/tfjsGraphCases.js';

const folder = mkdtempSync(join(tmpdir(), 'stridenet-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const golden = (name: string): string => new URL(`../golden/${name}`, import.meta.url).pathname;

const GIB = 2 ** 30;

/** Writes pieces at their places; what lies between is a hole of the file that takes no space. */
function sparse(name: string, length: number, pieces: [number, Uint8Array][]): string {
  const file = openSync(at(name), 'w');
  ftruncateSync(file, length);
  for (const [place, bytes] of pieces) writeSync(file, bytes, 0, bytes.length, place);
  closeSync(file);
  return at(name);
}

/** Runs `fn`; the memory outside of the heap of objects must not have grown by half a GiB at its end. */
async function inLittleMemory<T>(fn: () => Promise<T>): Promise<T> {
  const before = process.memoryUsage().rss;
  const result = await fn();
  expect(process.memoryUsage().rss - before).toBeLessThan(GIB / 2);
  return result;
}

function bytesOf(...fields: [value: number, bytes: number][]): Uint8Array {
  const out: number[] = [];
  for (const [value, bytes] of fields) for (let i = 0; i < bytes; i++) out.push(Math.floor(value / 256 ** i) % 256);
  return Uint8Array.from(out);
}

const text = (s: string): Uint8Array => Uint8Array.from(s, (c) => c.charCodeAt(0));
const small = Float32Array.of(1, -2, 3);
const small8 = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const smallBytes = new Uint8Array(small.buffer);
/** More than one Buffer of Node 20 can hold, and than one call of the system reads. */
const hugeBytes = 5 * GIB;

describe('a file of 5 GiB', () => {
  const skipsHuge = { rename: (name: string) => (name === 'huge' ? null : name) };

  test('of safetensors: the tensors that are wanted are read, the others are not', async () => {
    const entry = (shape: number[], begin: number, end: number): object => ({
      dtype: 'F32',
      shape,
      data_offsets: [begin, end],
    });
    const end = hugeBytes + 12;
    const header = {
      __metadata__: { epoch: '3' },
      huge: entry([hugeBytes / 4], 0, hugeBytes),
      small: entry([3], hugeBytes, end),
    };
    const json = text(JSON.stringify(header).padEnd(256));
    const path = sparse('huge.safetensors', 8 + json.length + end, [
      [0, bytesOf([json.length, 8])],
      [8, json],
      [8 + json.length + hugeBytes, smallBytes],
    ]);
    await inLittleMemory(async () => {
      const state = await loadWeights(path, skipsHuge);
      expect([...state]).toEqual([['small', { shape: [3], data: small }]]);
      expect(await loadSafetensorsMetadata(path)).toEqual({ epoch: '3' });
    });
  });

  /** A dictionary of two tensors, as PyTorch pickles it. */
  function pickle(): string {
    const string = (s: string): string => `X${String.fromCharCode(s.length)}\0\0\0${s}`;
    const int = (n: number): string =>
      n < 2 ** 31
        ? `J${String.fromCharCode(...bytesOf([n, 4]))}`
        : `\x8a\x08${String.fromCharCode(...bytesOf([n, 8]))}`;
    const storage = (key: string, n: number): string =>
      `(${string('storage')}ctorch\nFloatStorage\n${string(key)}${string('cpu')}${int(n)}tQ`;
    const tensor = (key: string, n: number): string =>
      `ctorch._utils\n_rebuild_tensor_v2\n(${storage(key, n)}${int(0)}${int(n)}\x85${int(1)}\x85\x89ccollections\nOrderedDict\n)RtR`;
    return `\x80\x02}(${string('huge')}${tensor('0', hugeBytes / 4)}${string('small')}${tensor('1', 3)}u.`;
  }

  test("of PyTorch's zip format, likewise", async () => {
    const files: [string, Uint8Array | number, Uint8Array][] = [
      ['m/data.pkl', text(pickle()), text('')],
      ['m/data/0', hugeBytes, text('')],
      ['m/data/1', smallBytes, text('')],
    ];
    const pieces: [number, Uint8Array][] = [];
    const directory: Uint8Array[] = [];
    let place = 0;
    for (const [name, content] of files) {
      const size = typeof content === 'number' ? content : content.length;
      const crc = typeof content === 'number' ? 0 : crc32(content);
      const local = bytesOf(
        [0x04034b50, 4],
        [20, 2],
        [0, 8],
        [crc, 4],
        [0xffffffff, 4],
        [0xffffffff, 4],
        [name.length, 2],
        [0, 2],
      );
      pieces.push([place, local], [place + 30, text(name)]);
      if (typeof content !== 'number') pieces.push([place + 30 + name.length, content]);
      directory.push(
        bytesOf(
          [0x02014b50, 4],
          [20, 2],
          [20, 2],
          [0, 8],
          [crc, 4],
          [0xffffffff, 4],
          [0xffffffff, 4],
          [name.length, 2],
        ),
        bytesOf([28, 2], [0, 10], [0xffffffff, 4]),
        text(name),
        bytesOf([1, 2], [24, 2], [size, 8], [size, 8], [place, 8]),
      );
      place += 30 + name.length + size;
    }
    const end = joined(directory);
    const after = place + end.length;
    const tail = joined([
      bytesOf([0x06064b50, 4], [44, 8], [0, 12], [3, 8], [3, 8], [end.length, 8], [place, 8]),
      bytesOf([0x07064b50, 4], [0, 4], [after, 8], [1, 4]),
      bytesOf([0x06054b50, 4], [0, 4], [0xffff, 2], [0xffff, 2], [0xffffffff, 4], [0xffffffff, 4], [0, 2]),
    ]);
    const path = sparse('huge.pt', after + tail.length, [...pieces, [place, end], [after, tail]]);
    await inLittleMemory(async () => {
      expect([...(await loadWeights(path, skipsHuge))]).toEqual([['small', { shape: [3], data: small }]]);
    });
  });

  test("of PyTorch's older format, likewise", async () => {
    const long = (bytes: number[]): string => `\x8a${String.fromCharCode(bytes.length, ...bytes)}`;
    const magic = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
    const system = '\x80\x02}(X\x0d\0\0\0little_endian\x88u.';
    const keys = '\x80\x02](X\x01\0\0\x000X\x01\0\0\x001e.';
    const head = text(`\x80\x02${long(magic)}.\x80\x02M\xe9\x03.${system}${pickle()}${keys}`);
    const second = head.length + 8 + hugeBytes;
    const path = sparse('huge.th', second + 8 + 12, [
      [0, head],
      [head.length, bytesOf([hugeBytes / 4, 8])],
      [second, bytesOf([3, 8])],
      [second + 8, smallBytes],
    ]);
    await inLittleMemory(async () => {
      expect([...(await loadWeights(path, skipsHuge))]).toEqual([['small', { shape: [3], data: small }]]);
    });
  });

  test('of weights beside an ONNX file, likewise', async () => {
    const model = new Sequential(new Linear(3, 2));
    await saveOnnx(at('far.onnx'), model, [1, 3], { externalData: true });
    const weights = new Uint8Array(readFileSync(at('far.onnx.data')));
    // The same offsets stand at the start of a much longer file.
    sparse('far.onnx.data', hugeBytes, [[0, weights]]);
    const x = Tensor.from([1, 2, 3], [1, 3]);
    await inLittleMemory(async () => {
      expect((await loadOnnx(at('far.onnx'))).predict(x).toArray()).toEqual(model.predict(x).toArray());
    });
  });
});

describe('weights into a model', () => {
  const net = (): Sequential => new Sequential(new Conv2d(1, 2, 3), new Linear(4, 3));

  test('are those that were saved, from either format', async () => {
    const [from, to] = [net(), net()];
    await saveWeights(at('net.safetensors'), from, { metadata: { epoch: '3' } });
    expect(await loadWeightsInto(to, at('net.safetensors'))).toEqual({ missing: [], unexpected: [] });
    expect(to.stateDict()).toEqual(from.stateDict());
    expect(await loadSafetensorsMetadata(at('net.safetensors'))).toEqual({ epoch: '3' });
    const vector = new Sequential(new Linear(2, 2, { bias: false }));
    const rename = (name: string): string | null => (name === 'head' ? '0.weight' : null);
    const loading = loadWeightsInto(vector, golden('files/checkpoint-zip.pt'), { rename });
    await expect(loading).rejects.toThrow('0.weight: model [2, 2], state dict [4] with 4 values');
    await expect(loading).rejects.toThrow(StateDictError);
  });

  test('of a file with a damaged tensor leave the model as it was', async () => {
    const model = net();
    const before = model.stateDict();
    const bytes = new Uint8Array(readFileSync(golden('files/checkpoint-zip.pt')));
    // Somewhere in the numbers of the tensor 'head'.
    const place = bytes.findIndex(
      (_, i) => new DataView(bytes.buffer, i, 16).getFloat32(12, true) === 3 && bytes[i + 6] === 128,
    );
    bytes[place] ^= 1;
    writeFileSync(at('damaged.pt'), bytes);
    await expect(loadWeightsInto(model, at('damaged.pt'), { strict: false })).rejects.toThrow(
      /damaged\.pt: zip: the checksum of the entry .* differs from its bytes/,
    );
    expect(model.stateDict()).toEqual(before);
  });

  test('may be part of a checkpoint, whose other values are read too', async () => {
    const checkpoint = (await loadTorchCheckpoint(golden('files/checkpoint-legacy.pt'))) as Map<string, unknown>;
    expect(checkpoint.get('epoch')).toBe(3);
    const state = await loadWeights(golden('files/checkpoint-legacy.pt'));
    expect([...(state.get('window')?.data ?? [])]).toEqual([5, 6, 9, 10, 17, 18, 21, 22]);
    expect(state.get('head')?.data.buffer).toBe(state.get('tail')?.data.buffer);
  });

  test('lose the prefix of their names in a safetensors file too', async () => {
    writeFileSync(at('p.safetensors'), writeSafetensors(new Map([['module.w', { shape: [3], data: small }]])));
    expect([...(await loadWeights(at('p.safetensors'))).keys()]).toEqual(['w']);
    expect([...(await loadWeights(at('p.safetensors'), { prefix: '' })).keys()]).toEqual(['module.w']);
  });
});

describe('a TensorFlow.js folder', () => {
  const { sequential } = JSON.parse(readFileSync(golden('tfjs.json'), 'utf8')) as Record<string, Golden>;
  const bytes = joined(weightBytes(sequential.weights));
  const write = (paths: string[]): string => {
    const manifest = [{ paths, weights: sequential.weights }];
    writeFileSync(at('model.json'), JSON.stringify({ modelTopology: sequential.topology, weightsManifest: manifest }));
    return at('model.json');
  };

  test('is loaded with the shards beside it', async () => {
    writeFileSync(at('shard1.bin'), bytes.subarray(0, 777));
    writeFileSync(at('shard2.bin'), bytes.subarray(777));
    const model = await loadTfjsLayersModel(write(['shard1.bin', 'shard2.bin']));
    const x = permute(Tensor.from(formula(sequential.input, 7, -1, 1), sequential.input), [0, 3, 1, 2]);
    [...model.predict(x).data].forEach((v, i) => {
      expect(v).toBeCloseTo(sequential.output[i], 5);
    });
  });

  test('is a graph of operations, or layers, for loadTfjsModel', async () => {
    const layers = write(['shard1.bin', 'shard2.bin']);
    expect(await loadTfjsModel(layers)).toBeInstanceOf(TfjsModel);
    const g = new Graph([1, 2, 2, 1]);
    g.add('Mul', 'it', ['x', g.scalar('three', 3)]);
    writeFileSync(at('a.bin'), graphBytes(g.weights));
    writeFileSync(at('graph.json'), JSON.stringify(graphFile(g, ['it'])));
    const graph = await loadTfjsModel(at('graph.json'));
    expect(graph.predict(Tensor.ones([1, 1, 2, 2])).toArray()).toEqual([
      [
        [
          [3, 3],
          [3, 3],
        ],
      ],
    ]);
    await expect(loadTfjsLayersModel(at('graph.json'))).rejects.toThrow(/graph\.json: .*Call importTfjsGraphModel/);
  });

  test.each(['../secret.bin', '/etc/passwd', 'a/../../b', 'C:\\b', '..\\b', ''])('names no shard %j', async (name) => {
    const loading = loadTfjsLayersModel(write([name]));
    await expect(loading).rejects.toThrow(FormatError);
    await expect(loading).rejects.toThrow(
      `model.json: it names the file ${JSON.stringify(name)}, which is not in its folder.`,
    );
  });

  test('lacks a shard', async () => {
    await expect(loadTfjsLayersModel(write(['nowhere.bin']))).rejects.toThrow(/reading .*nowhere\.bin failed: ENOENT/);
  });
});

test('an ONNX file is saved and loaded, inline or with its weights beside it, and nowhere else', async () => {
  const model = new Sequential(new Conv2d(1, 2, 3));
  const x = Tensor.ones([1, 1, 4, 4]);
  for (const externalData of [false, true]) {
    await saveOnnx(at('net.onnx'), model, [1, 1, 4, 4], { externalData });
    expect((await loadOnnx(at('net.onnx'))).predict(x).toArray()).toEqual(model.predict(x).toArray());
  }
  expect(readFileSync(at('net.onnx.data')).length).toBe(4 * (18 + 2));
  const file = readFileSync(at('net.onnx'), 'latin1').replaceAll('net.onnx.data', '../.onnx.data');
  writeFileSync(at('evil.onnx'), file, 'latin1');
  await expect(loadOnnx(at('evil.onnx'))).rejects.toThrow(
    'it names the file "../.onnx.data", which is not in its folder.',
  );
  await expect(loadOnnx(at('net.pb'))).rejects.toThrow('must end in .onnx.');
});

describe('the format of a file is told by its content, not by its name', () => {
  const weights = writeSafetensors(new Map([['w', { shape: [3], data: small }]]));

  test.each(['model_best.pth.tar', 'last.ckpt', 'weights', 'net.pkl', 'net.model', 'net.safetensors'])(
    'as %s',
    async (name) => {
      for (const file of ['checkpoint-zip.pt', 'checkpoint-legacy.pt']) {
        writeFileSync(at(name), readFileSync(golden(`files/${file}`)));
        expect((await loadWeights(at(name))).get('scalar')?.data[0]).toBe(7);
      }
      writeFileSync(at(name), weights);
      expect([...(await loadWeights(at(name)))]).toEqual([['w', { shape: [3], data: small }]]);
    },
  );

  test.each([
    ['gzip', '\x1f\x8b\x08\0', 'net.pth: the file is compressed with gzip. Unpack it first.'],
    ['tar', tarOf([['net/weights.pth', small8]]), 'net.pth: the file is a tar archive'],
    ['HDF5', '\x89HDF\r\n\x1a\n', 'net.pth: the file is an HDF5 file'],
    ['a web page', '<!DOCTYPE html>', 'net.pth: the file is a web page'],
    ['Git LFS', 'version https://git-lfs.github.com/spec/v1\n', 'net.pth: the file is a pointer of Git LFS'],
    ['a plain pickle', '\x80\x04}.', 'net.pth: torch checkpoint: the file is a pickle, but not one of torch.save'],
    ['nothing known', 'weights', 'net.pth: torch checkpoint: the file begins neither as a zip archive nor as a pickle'],
    ['nothing', '', 'net.pth: torch checkpoint: the file begins neither as a zip archive nor as a pickle'],
    ['an archive of arrays', zipOf([['a.npy', small8]]), 'has no data.pkl, but a.npy, so numpy wrote it'],
    ['another archive', zipOf([['x.pth', small8]]), 'but x.pth, so torch.save did not write it. If a checkpoint is'],
    [
      'an early TorchScript',
      zipOf([
        ['m/version', small8],
        ['m/code/m.py', small8],
        ['m/model.json', small8],
      ]),
      'is a TorchScript archive of PyTorch before 1.4. Write its weights with PyTorch',
    ],
  ])('%s is called by its name', async (_, content, message) => {
    writeFileSync(at('net.pth'), content, 'latin1');
    await expect(loadWeights(at('net.pth'))).rejects.toThrow(FormatError);
    await expect(loadWeights(at('net.pth'))).rejects.toThrow(message);
  });

  test('the name decides where the content does not', async () => {
    writeFileSync(at('cut.safetensors'), weights.subarray(0, 20));
    await expect(loadWeights(at('cut.safetensors'))).rejects.toThrow('cut.safetensors: safetensors: the header claims');
  });
});

test('weights lose what stands before the names of the model that they are for', async () => {
  const model = new Sequential(new Linear(3, 2));
  const state = new Map([...model.stateDict()].map(([name, entry]) => [`net.body.${name}`, entry]));
  await saveWeights(at('wrapped.safetensors'), state);
  const other = new Sequential(new Linear(3, 2));
  await loadWeightsInto(other, at('wrapped.safetensors'));
  expect(other.stateDict()).toEqual(model.stateDict());
  await expect(loadWeightsInto(other, at('wrapped.safetensors'), { prefix: '' })).rejects.toThrow(StateDictError);
});

test('a key chooses the state dict of a checkpoint', async () => {
  const file = golden('files/objects.pt');
  expect((await loadWeights(file)).size).toBe(4);
  expect((await loadWeights(file, { key: 'model' })).size).toBe(4);
  await expect(loadWeights(file, { key: 'onecycle' })).rejects.toThrow(
    "objects.pt: stateDictFromCheckpoint: no tensors found under the key 'onecycle'",
  );
});

test.each(['checkpoint-zip.pt', 'checkpoint-legacy.pt', 'objects.pt', 'objects-legacy.pt', 'module.pt', 'script.pt'])(
  'damage of %s gives weights or an error of this library',
  async (name) => {
    const bytes = new Uint8Array(readFileSync(golden(`files/${name}`)));
    await fc.assert(
      fc.asyncProperty(mutated(bytes), async (changed) => {
        writeFileSync(at('mutated.pt'), changed);
        await expectOnlyOwnErrors(() => loadWeights(at('mutated.pt')));
      }),
      { numRuns: 150 },
    );
  },
);

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DataError, FormatError } from '../../src/base/errors.js';
import { loadOnnx, loadTfjsLayersModel } from '../../src/node/index.js';
import { insideFolder } from '../../src/node/insideFolder.js';
import { encodeModel } from '../../src/onnx/encode.js';

let outer: string;
let folder: string;
beforeEach(() => {
  outer = realpathSync(mkdtempSync(join(tmpdir(), 'stridenet-inside-')));
  folder = join(outer, 'model');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  writeFileSync(join(outer, 'secret.bin'), Float32Array.of(1, 2, 3));
  writeFileSync(join(folder, 'weights.bin'), Float32Array.of(1, 2, 3));
});
afterEach(() => rmSync(outer, { recursive: true }));

/** y = x + w, with w in a file of its own. */
function modelWith(location: string): Uint8Array {
  const external = { location, offset: 0, length: 12 };
  return encodeModel({
    ...{ irVersion: 8, producerName: 'test', producerVersion: '1', opset: 13 },
    graph: {
      name: 'g',
      nodes: [{ name: 'n', opType: 'Add', domain: '', inputs: ['x', 'w'], outputs: ['y'], attributes: new Map() }],
      initializers: [{ name: 'w', dims: [3], dataType: 1, raw: null, numbers: null, external }],
      inputs: [{ name: 'x', elementType: 1, shape: ['n', 3] }],
      outputs: [{ name: 'y', elementType: 1, shape: null }],
    },
  });
}

describe('a file that a model names', () => {
  test('is found in the folder, below it, and behind links that stay there', () => {
    writeFileSync(join(folder, 'sub', 'more.bin'), 'x');
    symlinkSync('weights.bin', join(folder, 'link.bin'));
    expect(insideFolder(folder, 'weights.bin')).toBe(join(folder, 'weights.bin'));
    expect(insideFolder(folder, 'sub/more.bin')).toBe(join(folder, 'sub', 'more.bin'));
    expect(insideFolder(folder, 'link.bin')).toBe(join(folder, 'weights.bin'));
    symlinkSync(folder, join(outer, 'alias'));
    expect(insideFolder(join(outer, 'alias'), 'weights.bin')).toBe(join(folder, 'weights.bin'));
  });

  test.each(['../secret.bin', 'sub/../../secret.bin', '/etc/hostname', '', 'C:weights', 'a\\b'])(
    'is refused as %j',
    (name) => {
      expect(() => insideFolder(folder, name)).toThrow(FormatError);
      expect(() => insideFolder(folder, name)).toThrow('which is not in its folder.');
    },
  );

  test('is refused behind links that lead out, of the file or of a folder on the way', () => {
    symlinkSync(join(outer, 'secret.bin'), join(folder, 'file'));
    symlinkSync('../weights.bin', join(folder, 'sub', 'file'));
    symlinkSync(outer, join(folder, 'up'));
    for (const name of ['file', 'up/secret.bin']) {
      expect(() => insideFolder(folder, name)).toThrow(
        'a link that leads out of its folder. Put the file itself there.',
      );
    }
    expect(() => insideFolder(join(folder, 'sub'), 'file')).toThrow(FormatError);
    expect(() => insideFolder(folder, 'nowhere')).toThrow(DataError);
  });
});

describe('loadOnnx', () => {
  const load = (location: string): Promise<unknown> => {
    writeFileSync(join(folder, 'model.onnx'), modelWith(location));
    return loadOnnx(join(folder, 'model.onnx'));
  };

  test('reads weights beside the file, and none through a link out of the folder', async () => {
    await expect(load('weights.bin')).resolves.toBeDefined();
    symlinkSync(join(outer, 'secret.bin'), join(folder, 'link'));
    await expect(load('link')).rejects.toThrow(/model\.onnx: it names the file "link", a link that leads out/);
  });

  test('refuses folders, devices and pipes that nobody writes to', async () => {
    await expect(load('sub')).rejects.toThrow(DataError);
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(load('pipe')).rejects.toThrow(/it is no regular file/);
  });
});

test('loadTfjsLayersModel reads no shard through a link out of the folder', async () => {
  symlinkSync(join(outer, 'secret.bin'), join(folder, 'shard'));
  const layer = (class_name: string, config: object): object => ({ class_name, config });
  const model = {
    modelTopology: {
      class_name: 'Sequential',
      config: {
        name: 's',
        layers: [layer('Dense', { name: 'd', units: 1, batch_input_shape: [null, 3], use_bias: false })],
      },
    },
    weightsManifest: [{ paths: ['shard'], weights: [{ name: 'd/kernel', shape: [3, 1], dtype: 'float32' }] }],
  };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
  await expect(loadTfjsLayersModel(join(folder, 'model.json'))).rejects.toThrow(/"shard", a link that leads out/);
});

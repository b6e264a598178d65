import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArgumentError, DataError } from '../../src/base/errors.js';
import { type Cifar10Options, type Cifar10Source, cifar10, cifar100 } from '../../src/node/cifar.js';
import { download } from '../../src/node/download.js';
import { fashionMnist, mnist } from '../../src/node/mnist.js';
import { tarOf } from '../../testing/tarOf.js';

const NAMES = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
const record = (label: number): Uint8Array =>
  Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? label : (i * label) % 251));
const batches = [...NAMES, 'test_batch.bin'].map((name, i) => [name, record(i)] as const);
const archive = gzipSync(tarOf(batches.map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes])));
const md5 = createHash('md5').update(archive).digest('hex');

/** How the server treats one request. */
type Answer = 'whole' | 'no ranges' | 'cut' | 'damaged' | 'missing' | 'silent';

let dir = '';
let server: Server;
let source: Cifar10Source;
let answers: Answer[] = [];
let ranges: (string | undefined)[] = [];

beforeEach(async () => {
  vi.stubEnv('CIFAR10_DIR', '');
  dir = await mkdtemp(join(tmpdir(), 'stridenet-cifar-'));
  answers = [];
  ranges = [];
  server = createServer((request, response) => {
    const answer = answers.shift() ?? 'whole';
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    ranges.push(request.headers.range);
    if (answer === 'silent') return;
    if (answer === 'missing') {
      response.writeHead(404).end('nothing here');
      return;
    }
    const start = range && answer !== 'no ranges' ? Number(range[1]) : 0;
    if (start >= archive.length) {
      response.writeHead(416).end();
      return;
    }
    const rest = Buffer.from(archive.subarray(start));
    if (answer === 'damaged') rest[rest.length >> 1] ^= 255;
    const headers: Record<string, string> = { 'content-length': String(rest.length) };
    if (start > 0) headers['content-range'] = `bytes ${start}-${archive.length - 1}/${archive.length}`;
    response.writeHead(start > 0 ? 206 : 200, headers);
    if (answer === 'cut')
      response.write(rest.subarray(0, rest.length >> 1), () => setTimeout(() => response.destroy(), 20));
    else response.end(rest);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  source = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/c.tar.gz`, md5, maximumBytes: 2 ** 20 };
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  await rm(dir, { recursive: true });
});

const fetched = (options: Partial<Cifar10Options> = {}) =>
  cifar10({ split: 'train', cacheDir: dir, source, ...options });

const fetchArchive = (options = {}): Promise<void> =>
  download(source.url, join(dir, 'c.gz'), { md5, maximumBytes: 2 ** 20, retries: 0, ...options });

describe('CIFAR-10 from a folder', () => {
  const write = async (folder: string): Promise<void> => {
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of batches) await writeFile(join(folder, name), bytes);
  };

  test('the files may lie in it or in its cifar-10-batches-bin, and CIFAR10_DIR is the default', async () => {
    await write(join(dir, 'flat'));
    await write(join(dir, 'nested', 'cifar-10-batches-bin'));
    const labels = async (options: Cifar10Options): Promise<number[]> => {
      const data = await cifar10(options);
      return Array.from({ length: data.length }, (_, i) => data.label(i));
    };
    expect(await labels({ split: 'train', dir: join(dir, 'flat') })).toEqual([0, 1, 2, 3, 4]);
    expect(await labels({ split: 'test', dir: join(dir, 'nested') })).toEqual([5]);
    vi.stubEnv('CIFAR10_DIR', join(dir, 'flat'));
    expect(await labels({ split: 'test' })).toEqual([5]);
  });

  test('a file that is missing, truncated or has a bad label is named', async () => {
    await write(dir);
    const train = () => cifar10({ split: 'train', dir });
    const path = join(dir, 'data_batch_3.bin');
    await writeFile(path, record(10));
    await expect(train()).rejects.toThrow(`${path}: record 0 has the label 10`);
    await writeFile(path, record(1).subarray(0, 3000));
    await expect(train()).rejects.toThrow(`${path} is truncated`);
    await rm(path);
    await expect(train()).rejects.toThrow(DataError);
    await expect(train()).rejects.toThrow(`reading ${path} failed: ENOENT`);
  });

  test('an empty folder and a wrong split are refused', async () => {
    await expect(cifar10({ split: 'train', dir })).rejects.toThrow(`data_batch_1.bin is neither in ${dir} nor in`);
    await expect(cifar10({ split: 'dev' as 'test', dir })).rejects.toThrow(ArgumentError);
    await expect(cifar100({ split: 'train', dir })).rejects.toThrow('train.bin is neither in');
  });

  test('CIFAR-100 is read from its folder', async () => {
    await writeFile(join(dir, 'test.bin'), Uint8Array.from([3, 42, ...new Uint8Array(3072)]));
    expect((await cifar100({ split: 'test', dir })).label(0)).toBe(42);
  });
});

const real = fileURLToPath(new URL('../../../shared/data/cifar10', import.meta.url));

test.skipIf(!existsSync(real))(
  'the real test images load, 1,000 of each class (skipped without ../shared/data)',
  async () => {
    const data = await cifar10({ split: 'test', dir: real });
    const counts = new Array(10).fill(0);
    for (let i = 0; i < data.length; i++) counts[data.label(i)]++;
    expect(counts).toEqual(new Array(10).fill(1000));
  },
);

describe('CIFAR-10 from the network', () => {
  test('is fetched once, checked, unpacked and kept', async () => {
    const progress: [number, number][] = [];
    const data = await fetched({ onProgress: (done, total) => progress.push([done, total]) });
    expect([data.length, data.label(4), data.image(4)[1]]).toEqual([5, 4, 8]);
    expect(progress.at(-1)).toEqual([archive.length, archive.length]);
    expect((await fetched({ split: 'test' })).label(0)).toBe(5);
    expect(ranges).toEqual([undefined]);
    expect(await readdir(dir)).toEqual(['cifar-10-batches-bin']);
  });

  test('a connection that breaks is taken up where it broke', async () => {
    answers = ['cut', 'cut', 'whole'];
    expect((await fetched()).length).toBe(5);
    const half = archive.length >> 1;
    expect(ranges).toEqual([undefined, `bytes=${half}-`, `bytes=${half + ((archive.length - half) >> 1)}-`]);
  });

  test('the next call takes up what a broken one left, and until then there is no data set', async () => {
    answers = ['cut'];
    await expect(fetchArchive()).rejects.toThrow(DataError);
    expect(existsSync(join(dir, 'c.gz'))).toBe(false);
    expect((await stat(join(dir, 'c.gz.part'))).size).toBe(archive.length >> 1);
    await fetchArchive();
    expect((await stat(join(dir, 'c.gz'))).size).toBe(archive.length);
    expect(ranges[1]).toBe(`bytes=${archive.length >> 1}-`);
  });

  test('a cut says how far it came', async () => {
    answers = ['cut'];
    await expect(fetchArchive()).rejects.toThrow(`failed with ${archive.length >> 1} bytes there`);
  });

  test('a server without ranges is asked for everything again', async () => {
    answers = ['cut', 'no ranges'];
    await fetchArchive({ retries: 1 });
    expect((await stat(join(dir, 'c.gz'))).size).toBe(archive.length);
  });

  test('a part that is already whole is used', async () => {
    await writeFile(join(dir, 'c.gz.part'), archive);
    await fetchArchive();
    expect(existsSync(join(dir, 'c.gz'))).toBe(true);
  });

  test('another checksum throws the file away', async () => {
    answers = ['damaged'];
    await expect(fetched()).rejects.toThrow(new RegExp(`the checksum is [0-9a-f]{32}, but must be ${md5}`));
    expect(await readdir(dir)).toEqual([]);
  });

  test('a server that sends too much is stopped', async () => {
    await expect(fetchArchive({ maximumBytes: 100 })).rejects.toThrow('sends more than the 100 bytes');
  });

  test('a server that says no, is silent or is not there is a DataError', async () => {
    answers = ['missing', 'silent'];
    await expect(fetched()).rejects.toThrow('the server answered 404 Not Found.');
    await expect(fetchArchive({ timeout: 100 })).rejects.toThrow('the server was silent for 0.1 s.');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(fetched()).rejects.toThrow(DataError);
    await expect(fetched()).rejects.toThrow(/failed with 0 bytes there: .*ECONNREFUSED/);
  });

  test('download: false fetches nothing', async () => {
    await expect(fetched({ download: false })).rejects.toThrow('and download is off. Pass dir, or set CIFAR10_DIR.');
    expect(ranges).toEqual([]);
  });

  test('a cache that cannot be written is a DataError', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(fetched({ cacheDir: join(dir, 'file') })).rejects.toThrow(/cannot write to .*file: E(EXIST|NOTDIR)/);
  });

  test('an archive without all batches leaves no folder', async () => {
    const odd = gzipSync(tarOf([['cifar-10-batches-bin/data_batch_1.bin', record(1)]]));
    await writeFile(join(dir, 'cifar-10-binary.tar.gz'), odd);
    await expect(fetched()).rejects.toThrow('it holds no data_batch_2.bin.');
    await writeFile(join(dir, 'cifar-10-binary.tar.gz'), odd.subarray(0, 100));
    await expect(fetched()).rejects.toThrow(/unpacking .* failed: unexpected end of file/);
    expect(await readdir(dir)).toEqual(['cifar-10-binary.tar.gz']);
  });
});

describe('MNIST', () => {
  const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20);
  const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7);

  test('files lie in the folder or where torchvision puts them, packed or not', async () => {
    await writeFile(join(dir, 't10k-images-idx3-ubyte.gz'), gzipSync(images));
    await writeFile(join(dir, 't10k-labels.idx1-ubyte'), labels);
    expect((await mnist({ dir, split: 'test' })).classes[7]).toBe('7');
    const raw = join(dir, 'FashionMNIST', 'raw');
    await mkdir(raw, { recursive: true });
    await writeFile(join(raw, 'train-images-idx3-ubyte'), images);
    await writeFile(join(raw, 'train-labels-idx1-ubyte'), labels);
    const data = await fashionMnist({ dir, split: 'train' });
    expect(data.classes[data.label(0)]).toBe('sneaker');
  });

  test('missing and damaged files are named', async () => {
    await expect(mnist({ dir, split: 'train' })).rejects.toThrow(
      `train-images-idx3-ubyte (or .gz) is neither in ${dir}`,
    );
    await writeFile(join(dir, 'train-images-idx3-ubyte.gz'), 'no gzip, but long enough');
    await writeFile(join(dir, 'train-labels-idx1-ubyte'), labels);
    await expect(mnist({ dir, split: 'train' })).rejects.toThrow(/train-images-idx3-ubyte\.gz is not a gzip file/);
  });
});

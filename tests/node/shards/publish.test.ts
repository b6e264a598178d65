import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DataError, FormatError } from '../../../src/base/errors.js';
import { fetchShards, publishShards, webDataset } from '../../../src/node/index.js';
import { photoFolder } from '../../../testing/photoFolder.js';

const names = Array.from({ length: 40 }, (_, i) => `${i % 2 === 0 ? 'cat' : 'dog'}/photo.${100 + i}.png`);
const temporary = mkdtempSync(join(tmpdir(), 'stridenet-publish-'));
let photos: string;
let server: Server;
let address: string;
/** What was asked for since the last look, and after how many bytes the next answer is cut off. */
let asked: string[] = [];
let cutAfter: number | null = null;

const published = (name: string): string => join(temporary, name);

beforeAll(async () => {
  photos = (await photoFolder(names)).dir;
  server = createServer((request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    asked.push(`${request.url?.slice(0, 12)}${range === undefined ? '' : ` from ${range}`}`);
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(temporary, request.url ?? ''));
    } catch {
      response.writeHead(404).end();
      return;
    }
    const begin = Number(range ?? 0);
    const rest = bytes.subarray(begin);
    const headers = {
      'content-length': rest.length,
      'content-range': `bytes ${begin}-${bytes.length - 1}/${bytes.length}`,
    };
    response.writeHead(range === undefined ? 200 : 206, headers);
    if (cutAfter === null || request.url?.endsWith('.json')) {
      response.end(rest);
      return;
    }
    response.write(rest.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 20));
    cutAfter = null;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server?.close(resolve));
  rmSync(temporary, { recursive: true });
});

/** The labels of all samples, and how many photographs there are. */
async function labelsOf({ paths, classes, samples }: Awaited<ReturnType<typeof fetchShards>>): Promise<number[]> {
  const labels: number[] = [];
  for await (const batch of webDataset(paths, { classes, samples, batchSize: 8, size: 8 })) {
    labels.push(...(batch.labels as ArrayLike<number> & Iterable<number>));
  }
  return labels;
}

describe('published shards', () => {
  test('are fetched once, and read as the folder they were made of', async () => {
    const { shards, classes } = await publishShards(photos, published('first'), { shardBytes: 8000 });
    expect(classes).toEqual(['cat', 'dog']);
    expect(shards.length).toBeGreaterThan(3);
    const options = { cache: published('cache-first') };
    const fetched = await fetchShards(`${address}/first/`, options);
    expect([fetched.samples, fetched.fetchedBytes]).toEqual([40, shards.reduce((sum, { bytes }) => sum + bytes, 0)]);
    const labels = await labelsOf(fetched);
    expect([labels.length, labels.filter((label) => label === 0).length]).toEqual([40, 20]);

    asked = [];
    expect((await fetchShards(`${address}/first`, options)).fetchedBytes).toBe(0);
    expect(asked).toEqual(['/first/index']);
    expect((await fetchShards(published('first'), options)).paths[0]).toContain(published('first'));
  });

  test('change only where photographs do', async () => {
    await publishShards(photos, published('second'), { shardBytes: 8000 });
    const options = { cache: published('cache-second') };
    await fetchShards(`${address}/second`, options);
    copyFileSync(join(photos, names[0]), join(photos, 'cat/photo.101.png'));
    writeFileSync(join(photos, names[9]), readFileSync(join(photos, names[11])));
    const { shards } = await publishShards(photos, published('second'), { shardBytes: 8000 });
    const total = shards.reduce((sum, { bytes }) => sum + bytes, 0);
    const fetched = await fetchShards(`${address}/second`, options);
    expect(fetched.samples).toBe(41);
    expect(fetched.fetchedBytes).toBeGreaterThan(0);
    expect(fetched.fetchedBytes).toBeLessThan(0.5 * total);
  });

  test('that were cut off go on where they ended', async () => {
    const { shards } = await publishShards(photos, published('third'), { shardBytes: 100_000 });
    asked = [];
    cutAfter = 1000;
    const options = { cache: published('cache-third'), parallel: 1 };
    await fetchShards(`${address}/third`, options);
    expect(asked.filter((line) => line.endsWith(' from 1000'))).toHaveLength(1);

    const path = join(options.cache, `${shards[0].sha256}.tar`);
    const damaged = readFileSync(path);
    damaged[700] ^= 1;
    writeFileSync(path, damaged);
    expect((await fetchShards(`${address}/third`, options)).fetchedBytes).toBe(0);
    expect((await fetchShards(`${address}/third`, { ...options, verify: true })).fetchedBytes).toBe(shards[0].bytes);
    expect(readdirSync(options.cache).filter((name) => !name.endsWith('.tar'))).toEqual([]);
  });

  test('that are not what their names say are refused', async () => {
    const { shards } = await publishShards(photos, published('fourth'), { shardBytes: 100_000 });
    const path = join(published('fourth'), `${shards[0].sha256}.tar`);
    const bytes = readFileSync(path);
    bytes[600] ^= 1;
    writeFileSync(path, bytes);
    const fetching = fetchShards(`${address}/fourth`, { cache: published('cache-fourth') });
    await expect(fetching).rejects.toThrow(/the checksum is [0-9a-f]+, but must be/);
    await expect(fetchShards(published('fourth'), { cache: 'unused', verify: true })).rejects.toThrow(
      /is missing or damaged/,
    );
  });

  test('keep long names', async () => {
    const { dir } = await photoFolder([`cat/${'long'.repeat(40)}.png`]);
    await publishShards(dir, published('long'));
    expect(await labelsOf(await fetchShards(published('long'), { cache: 'unused' }))).toEqual([0]);
  });

  test('fetched twice at the same time come once', async () => {
    const { shards } = await publishShards(photos, published('twice'), { shardBytes: 8000 });
    asked = [];
    const options = { cache: published('cache-twice') };
    await Promise.all([fetchShards(`${address}/twice`, options), fetchShards(`${address}/twice`, options)]);
    expect(asked.filter((line) => !line.includes('index'))).toHaveLength(shards.length);
  });
});

describe('errors say', () => {
  test('that there is nothing to publish', async () => {
    await expect(publishShards(published('none'), published('out'))).rejects.toThrow(/reading .*none failed/);
    await expect(publishShards(join(photos, 'cat'), published('out'))).rejects.toThrow(/no photographs in subfolders/);
  });

  test('that there is no index, or a damaged one', async () => {
    const options = { cache: published('cache-errors') };
    await expect(fetchShards(`${address}/nowhere`, options)).rejects.toThrow(DataError);
    await expect(fetchShards(published('nowhere'), options)).rejects.toThrow(/there is no .*index\.json/);
    await publishShards(photos, published('broken'));
    appendFileSync(join(published('broken'), 'index.json'), '}');
    await expect(fetchShards(`${address}/broken`, options)).rejects.toThrow(FormatError);
    const evil = { version: 1, shards: [{ sha256: '../../etc/passwd', bytes: 1, samples: 1 }] };
    writeFileSync(join(published('broken'), 'index.json'), JSON.stringify(evil));
    await expect(fetchShards(`${address}/broken`, options)).rejects.toThrow(/which is no SHA-256/);
  });
});

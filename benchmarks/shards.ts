import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { webDataset } from '../src/node/index.js';
import { drawnPhoto } from '../testing/photoFolder.js';

// How much memory does it take to read shards that are larger than memory?
//
// npx tsx benchmarks/shards.ts --gigabytes 100
//
// Writes tar shards of 1 GB as sparse files (samples of a photograph, a label and a large file beside them), reads all of them with a shuffle
// buffer, and prints the peak of resident memory of the process with its threads.

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '100' },
    batches: { type: 'string', default: '0' },
    beside: { type: 'string', default: '40' },
  },
});
const [gigabytes, most, beside] = [values.gigabytes, values.batches, values.beside].map(Number);
const SHARD = 1e9;

function header(name: string, size: number): Uint8Array {
  const block = new Uint8Array(512);
  const put = (text: string, at: number): void => block.set(new TextEncoder().encode(text), at);
  put(name, 0);
  put('0000644\0', 100);
  put(`${size.toString(8).padStart(11, '0')}\0`, 124);
  put('        ', 148);
  put('0', 156);
  put('ustar\x0000', 257);
  const sum = block.reduce((a, b) => a + b, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A shard of about 1 GB, most of it holes; gives its number of samples and its size. */
function writeShard(path: string, photos: readonly Uint8Array[]): { samples: number; bytes: number } {
  const file = openSync(path, 'w');
  let at = 0;
  const add = (name: string, size: number, content?: Uint8Array): void => {
    writeSync(file, header(name, size), 0, 512, at);
    if (content !== undefined) writeSync(file, content, 0, content.length, at + 512);
    at += 512 + Math.ceil(size / 512) * 512;
  };
  let samples = 0;
  for (; at < SHARD; samples++) {
    const photo = photos[samples % photos.length];
    add(`${samples}.png`, photo.length, photo);
    add(`${samples}.cls`, 1, new TextEncoder().encode(String(samples % 10)));
    add(`${samples}.depth.raw`, beside * 1e6);
  }
  ftruncateSync(file, at + 1024);
  closeSync(file);
  return { samples, bytes: at + 1024 };
}

const dir = mkdtempSync(join(tmpdir(), 'stridenet-shards-'));
try {
  const photos = await Promise.all([1, 2, 3, 4].map((number) => drawnPhoto(number, 500, 375)));
  let [bytes, samples] = [0, 0];
  for (let shard = 0; bytes < gigabytes * 1e9; shard++) {
    const written = writeShard(join(dir, `${String(shard).padStart(4, '0')}.tar`), photos);
    bytes += written.bytes;
    samples += written.samples;
  }
  const loader = webDataset(dir, { batchSize: 32, shuffle: 1000, augment: true, samples });
  const started = performance.now();
  let [images, batches] = [0, 0];
  for await (const { indices } of loader) {
    images += indices.length;
    if (++batches === most) break;
  }
  const seconds = (performance.now() - started) / 1000;
  const peakMegabytes = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `${(bytes / 1e9).toFixed(1)} GB in shards, ${images} of ${samples} photographs in ${seconds.toFixed(1)} s`,
  );
  console.log(`peak of resident memory: ${peakMegabytes} MB`);
  console.log(JSON.stringify({ gigabytes: bytes / 1e9, samples: images, seconds, peakMegabytes }));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPhoto } from '../src/classifier/photo.js';
import { cropImage, resizeImage } from '../src/images/index.js';
import { ImageIndex } from '../src/search/index.js';
import { toJpeg } from '../testing/photoEdits.js';
import { printHeader } from './support.js';

// Does an index lose anything when the process that makes it is killed? 10,000 small photographs, parts of real ones.
//
// npx tsx benchmarks/killedIndex.ts --photos 10000 --kills 4

const { values } = parseArgs({
  options: {
    photos: { type: 'string', default: '10000' },
    kills: { type: 'string', default: '4' },
    shared: { type: 'string', default: '../shared' },
  },
});
const [count, kills] = [Number(values.photos), Number(values.kills)];
const program = fileURLToPath(new URL('../cli/index.ts', import.meta.url));

printHeader('an index that is killed');
const source = resolve(values.shared, 'data/imagenet-samples');
const files = readdirSync(source).filter((name) => name.endsWith('.JPEG'));
const folder = mkdtempSync(join(tmpdir(), 'stridenet-killed-'));
for (let i = 0; i < count; ) {
  const photo = await readPhoto(join(source, files[Math.floor((i * files.length) / count)]));
  const { width, height, data } = await resizeImage(photo, { shortSide: 160 });
  const end = Math.ceil(((Math.floor((i * files.length) / count) + 1) * count) / files.length);
  for (; i < Math.min(count, end); i++) {
    const [left, top] = [(i * 7) % Math.max(1, width - 128), (i * 13) % Math.max(1, height - 96)];
    const part = cropImage({ width, height, data, channels: 3 }, { left, top, width: 128, height: 96 });
    const place = join(folder, String(i % 100));
    if (!existsSync(place)) mkdirSync(place);
    writeFileSync(join(place, `${i}.jpg`), await toJpeg(part, 80));
  }
}
const path = join(folder, 'stridenet.index');

/** Runs `stridenet index` until the file has grown to `bytes`; then it is killed. Resolves with its output if it ends by itself. */
function indexUntil(bytes: number): Promise<string | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, 'index', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const timer = setInterval(() => {
    if (existsSync(path) && statSync(path).size >= bytes) child.kill('SIGKILL');
  }, 5);
  return new Promise((done) => {
    child.on('close', (code) => {
      clearInterval(timer);
      done(code === 0 ? output : null);
    });
  });
}

const started = performance.now();
let bytes = 500_000;
for (let kill = 0; kill < kills; kill++) {
  const ended = await indexUntil(bytes);
  const index = await ImageIndex.open(path, { readOnly: true });
  console.log(
    `killed with ${index.size} photographs in ${statSync(path).size} bytes: ${index.note ?? 'nothing was cut off'}`,
  );
  await index.close();
  if (ended !== null) break;
  bytes = statSync(path).size * 1.6;
}
console.log((await indexUntil(Number.POSITIVE_INFINITY))?.trim());
const index = await ImageIndex.open(path, { readOnly: true });
const ids = new Set(index.ids());
const missing = Array.from({ length: count }, (_, i) => `${i % 100}/${i}.jpg`).filter((id) => !ids.has(id));
console.log(
  `${index.size} photographs, ${missing.length} missing, after ${((performance.now() - started) / 1000).toFixed(0)} s; ${(statSync(path).size / index.size).toFixed(0)} bytes each`,
);
process.exit(missing.length === 0 ? 0 : 1);

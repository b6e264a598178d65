import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readPhoto } from '../src/classifier/photo.js';
import { fingerprint, writeFingerprint } from '../src/search/hash/fingerprint.js';
import { NearDuplicateIndex } from '../src/search/nearDuplicates.js';
import { photoEdits } from '../testing/photoEdits.js';
import { printHeader } from './support.js';

// Which copies of photographs are found again, and how many photographs are taken for copies of others?
//
// npx tsx benchmarks/nearDuplicates.ts --every 1

const { values } = parseArgs({
  options: { every: { type: 'string', default: '1' }, shared: { type: 'string', default: '../shared' } },
});

printHeader('near-duplicates');
const photos = ['imagenet-samples', 'hymenoptera']
  .flatMap((folder) => {
    const path = resolve(values.shared, 'data', folder);
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.jpe?g$/i.test(name))
      .map((name) => resolve(path, name));
  })
  .filter((_, i) => i % Number(values.every) === 0);
const pictures = await Promise.all(photos.map((path) => readPhoto(path)));
const index = new NearDuplicateIndex();
for (const [i, picture] of pictures.entries()) index.add(i, writeFingerprint(await fingerprint(picture)));
let [found, wrong] = [0, 0];
const pairs = new Set<string>();
for (const [name, edit] of Object.entries(photoEdits)) {
  let hits = 0;
  const distances: number[] = [];
  for (const [i, picture] of pictures.entries()) {
    const matches = index.find(await fingerprint(await edit(picture)), {}, () => true);
    for (const { number, distance } of matches) {
      if (number === i) {
        hits++;
        distances.push(distance);
      } else {
        wrong++;
        pairs.add(`${photos[i].split('/').at(-1)} ${photos[number].split('/').at(-1)}`);
      }
    }
  }
  found += hits;
  distances.sort((a, b) => a - b);
  const at = (share: number): number => distances[Math.floor(share * (distances.length - 1))];
  console.log(
    `${name}: recall ${((100 * hits) / pictures.length).toFixed(2)} %, PDQ distance median ${at(0.5)}, 95 % ${at(0.95)}, largest ${at(1)}`,
  );
}
const edits = Object.keys(photoEdits).length;
const others = edits * pictures.length * (pictures.length - 1);
console.log(
  `all: recall ${((100 * found) / (edits * pictures.length)).toFixed(2)} % of ${edits * pictures.length} copies`,
);
console.log(
  `false pairs: ${wrong} of ${others}, ${(wrong / others).toExponential(1)} ${[...pairs].slice(0, 5).join('; ')}`,
);
process.exit(0);

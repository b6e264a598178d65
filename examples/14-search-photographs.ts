// Photographs like another one: npx tsx examples/14-search-photographs.ts [FOLDER PHOTO MODEL]
//
// MODEL is a classifier's file, whose network tells what is similar. Without them the example draws a folder of pictures, and copies of one.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createModel, manualSeed } from 'stridenet';
import { ImageClassifier } from 'stridenet/classifier';
import { encodePng, resizeImage } from 'stridenet/images';
import { ImageIndex, indexFolder, searchPage } from 'stridenet/search';

const [given, wanted, model] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const folder = given ?? 'runs/searched';
const photo = wanted ?? `${folder}/3.png`;
if (given === undefined) await draw(folder);
const classifier = model === undefined ? untrained() : await ImageClassifier.load(model);

// (1) The index is brought up to date with the folder: what is in it already isn't read again.
const index = await ImageIndex.open(`${folder}/stridenet.index`, { classifier });
const { added, unchanged } = await indexFolder(index, folder);
console.log(`${added} added, ${unchanged} unchanged`);

// (2) Three tiers: the same pixels, copies, and photographs that show alike things.
const result = await index.search(photo, { top: 3 });
for (const { id } of result.identical) console.log(`identical: ${id}`);
for (const { id, distance, turn } of result.nearDuplicates) console.log(`copy: ${id}, ${distance} bits, ${turn}`);
for (const { id, similarity } of result.similar) console.log(`similar: ${id}, ${similarity?.toFixed(3)}`);

// (3) As a page with pictures.
writeFileSync('runs/found.html', await searchPage(photo, result));
console.log('pictures in runs/found.html');
await index.close();

function untrained(): ImageClassifier {
  manualSeed(1);
  return new ImageClassifier(createModel('resnet20'), {
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    preprocessing: { size: 32 },
  });
}

/** Twelve pictures of waves, a mirrored and a smaller copy of one. */
async function draw(to: string): Promise<void> {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const [width, height] = [160, 120];
  for (let seed = 0; seed < 12; seed++) {
    const data = new Uint8Array(3 * width * height);
    for (let i = 0; i < data.length; i++) {
      const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
      let value = 128;
      for (let k = 1; k < 9; k++) {
        value +=
          (70 / k) * Math.sin((k * x * (1 + (seed % 4))) / 23 + seed * k + c) * Math.cos((k * y) / (17 + seed) + k * k);
      }
      data[i] = Math.max(0, Math.min(255, value));
    }
    writeFileSync(`${to}/${seed}.png`, encodePng({ width, height, data }));
    if (seed !== 3) continue;
    const small = await resizeImage({ width, height, data }, { width: 80, height: 60 });
    writeFileSync(`${to}/small.png`, encodePng(small));
    const mirrored = data.map((_, i) => {
      const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
      return data[3 * (y * width + width - 1 - x) + c];
    });
    writeFileSync(`${to}/mirrored.png`, encodePng({ width, height, data: mirrored }));
  }
}

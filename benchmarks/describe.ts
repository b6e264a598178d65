// How often is what an alternative text says right, and of how many photographs does it say anything?
//
// npx tsx benchmarks/describe.ts [FOLDER MODEL CLASSES]: photographs named wnid_NAME, the model.json of an ImageNet network, and the list of
// its classes (number, wnid, name). A claim is right if the class of the photograph belongs to its concept.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPreset } from '../src/classifier/index.js';
import { alternativeText, describedLanguages } from '../src/describe/index.js';

const shared = fileURLToPath(new URL('../../shared/', import.meta.url));

async function main(): Promise<void> {
  const [folder = `${shared}data/imagenet-samples`, model = `${shared}weights/mobilenet_v1_0.75_224/model.json`] =
    process.argv.slice(2);
  const list = process.argv[4] ?? join(folder, 'classes.txt');
  if (!existsSync(list)) return console.log(`${list} is not there: name FOLDER MODEL CLASSES.`);
  const classes = readFileSync(list, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const numbers = new Map(classes.map(([number, wnid]) => [wnid, Number(number)]));
  const classifier = await loadPreset('tfjs/mobilenet_v1_0.75_224', model);
  const photos = readdirSync(folder)
    .filter((file) => /^n\d+_/.test(file))
    .sort();
  console.log(`${photos.length} photographs`);
  for (const precision of [0.7, 0.8, 0.9, 0.95]) {
    let [said, claims, right] = [0, 0, 0];
    const wrong: string[] = [];
    for (const file of photos) {
      const truth = numbers.get(file.slice(0, file.indexOf('_'))) as number;
      const text = await alternativeText(join(folder, file), { classifier, precision });
      if (text.text !== '') said++;
      for (const claim of text.claims) {
        claims++;
        if (claim.classes.includes(classifier.classes[truth])) right++;
        else wrong.push(`${file}: ${claim.concept} ${claim.confidence.toFixed(2)}`);
      }
    }
    const percent = (a: number, b: number): string => `${((100 * a) / b).toFixed(1)} %`;
    console.log(
      `precision ${precision}: ${percent(right, claims)} of ${claims} claims right, ${percent(said, photos.length)} of photographs described${wrong.length > 0 ? `; wrong: ${wrong.join(', ')}` : ''}`,
    );
  }
  for (const file of photos.slice(30, 33)) {
    for (const locale of describedLanguages) {
      console.log(`${file}: ${(await alternativeText(join(folder, file), { classifier, locale })).text}`);
    }
  }
}

await main();

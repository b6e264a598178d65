// A classifier of your own photographs: npx tsx examples/12-train-a-classifier.ts [FOLDER BACKBONE]
//
// FOLDER holds a folder per class. BACKBONE is a network that knows photographs: a classifier's file, or the model.json of a TensorFlow.js
// layers model. Without them the example draws dots and stripes, and learns them on top of filters that are still random.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createModel, manualSeed } from 'stridenet';
import { ImageClassifier, runTraining, trainingReport } from 'stridenet/classifier';
import { encodePng } from 'stridenet/images';

const [given, trained] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const [folder, backbone] = [given ?? 'runs/drawn', trained ?? 'runs/random-filters.safetensors'];
if (given === undefined) await draw(folder, backbone);

// (1) The backbone looks at each photograph once; a new last layer learns from what it says.
const result = await runTraining(folder, { backbone, onNote: console.log });
const { classifier, test, heldOut, suspects } = result;
const { name, accuracy, calibrationError } = test ?? heldOut;
console.log(
  `${name}: ${(100 * accuracy).toFixed(1)} % right, calibration error ${(100 * calibrationError).toFixed(1)} %`,
);
for (const { path, label, suggested } of suspects) console.log(`${path}: labeled ${label}, but rather ${suggested}?`);

// (2) One file holds all of it: network, classes, preprocessing, calibration.
await classifier.save('runs/classifier.safetensors');
writeFileSync('runs/classifier.html', await trainingReport(result));

// (3) What does a photograph show?
const loaded = await ImageClassifier.load('runs/classifier.safetensors');
const [first] = (test ?? heldOut).predictions;
const { labels, rejected } = await loaded.classify(first.path, { minimumConfidence: 0.6 });
console.log(`${first.path} shows ${labels[0]?.name ?? `nothing sure: ${rejected}`}; report in runs/classifier.html`);

/** A folder of drawn photographs, and a backbone for them. */
async function draw(folder: string, backbone: string): Promise<void> {
  for (const [part, count] of Object.entries({ train: 20, val: 8 })) {
    for (const kind of ['dots', 'stripes']) {
      mkdirSync(`${folder}/${part}/${kind}`, { recursive: true });
      for (let i = 0; i < count; i++) writeFileSync(`${folder}/${part}/${kind}/${i}.png`, pattern(kind, i + 7 * count));
    }
  }
  manualSeed(1);
  const filters = new ImageClassifier(createModel('cifar_net'), {
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    preprocessing: { size: 32, shortSide: 36, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  });
  await filters.save(backbone);
}

function pattern(kind: string, seed: number): Uint8Array {
  const side = 40;
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    const isInk = (x + seed) % 8 < 4 === (kind === 'stripes' || y % 8 < 4);
    data[i] = (isInk ? 130 + ((seed * 37 + (i % 3) * 53) % 110) : 30) + ((x * 31 + y * 17 + seed) % 13);
  }
  return encodePng({ width: side, height: side, data });
}

// Which photographs may be shown: npx tsx examples/17-moderate-photographs.ts [LABELED MODEL LABEL]
//
// LABELED holds a folder per class, MODEL is a classifier's file, and LABEL is the class that must not be shown. Without them the example draws
// stripes and dots, learns to tell them apart, and forbids dots.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createModel, manualSeed } from 'stridenet';
import { evaluateClassifier, ImageClassifier, trainClassifier } from 'stridenet/classifier';
import { encodePng } from 'stridenet/images';
import { type Decision, learnPolicy, Moderator, needsReview, ReviewStore, replay } from 'stridenet/moderation';

const [labeled = 'runs/labeled', file, label = 'dots'] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const classifier = file === undefined ? await drawnClassifier() : await ImageClassifier.load(file);

// (1) What mistakes cost, and what reviewers can do, become thresholds.
const { predictions } = await evaluateClassifier(classifier, labeled);
const policy = {
  name: 'example',
  version: '1',
  labels: { [label]: { miss: 20, falseAlarm: 5 } },
  review: { cost: 1, capacity: 0.3 },
};
const k = classifier.classes.indexOf(label);
const learned = learnPolicy(
  policy,
  predictions.map(({ shows, confidences }) => ({
    scores: { [label]: confidences[k] },
    shows: shows.includes(k) ? [label] : [],
  })),
);
const { missed, bad, bound } = learned.missRates[label];
console.log(`${missed} of ${bad} missed; with 99 % confidence at most ${(100 * bound).toFixed(0)} % are`);

// (2) Decisions are recorded in a store; what isn't clear waits there for reviewers.
rmSync('runs/moderation.db', { force: true });
const store = await ReviewStore.open('runs/moderation.db');
const moderator = new Moderator(classifier, learned);
for (const { path } of predictions.slice(0, 20)) {
  store.add([{ id: path, source: path }]);
  store.decide([await moderator.decide(path, readFileSync(path))], needsReview);
}
console.log('in the store:', store.counts());
for (const { id } of store.forReview('Ada', 5)) {
  store.review(id, 'Ada', 'block');
  store.review(id, 'Bo', 'block');
}

// (3) Nobody has changed a record, and every decision comes out the same again.
const again = await replay(store.decisions() as Iterable<Decision>, moderator, async (item) => readFileSync(item));
console.log(
  `records: ${store.problem() ?? 'whole'}; ${again.same} decisions the same to the bit, ${again.different.length} not`,
);
store.close();

async function drawnClassifier(): Promise<ImageClassifier> {
  for (const kind of ['dots', 'stripes']) {
    mkdirSync(`runs/labeled/${kind}`, { recursive: true });
    for (let i = 0; i < 40; i++) writeFileSync(`runs/labeled/${kind}/${i}.png`, pattern(kind, i));
  }
  manualSeed(1);
  const filters = new ImageClassifier(createModel('cifar_net'), {
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    preprocessing: { size: 32, shortSide: 36, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  });
  await filters.save('runs/moderation-filters.safetensors');
  return trainClassifier('runs/labeled', { backbone: 'runs/moderation-filters.safetensors' });
}

/** Stripes or dots, some of them hard to see. */
function pattern(kind: string, seed: number): Uint8Array {
  const side = 40;
  const ink = 60 + ((seed * 61) % 130);
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    const isInk = (x + seed) % 8 < 4 === (kind === 'stripes' || y % 8 < 4);
    data[i] = (isInk ? ink : 30) + ((x * 31 + y * 17 + seed * 7) % 43);
  }
  return encodePng({ width: side, height: side, data });
}

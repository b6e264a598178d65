// What does a learned policy cost against the best thresholds in hindsight, and how often do its stated miss rates hold?
//
// npx tsx benchmarks/moderation.ts [TEST_BATCH CLASSIFIER]: CIFAR-10's test images, scored once by the classifier that comes along. Each class
// in turn is what must not be shown. In each of 100 resamples, thresholds are learned from one half of the images and judged on the other.
// They are compared with the thresholds that are best for the judged images themselves, and with those that are best for all images.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RandomStream } from '../src/base/random.js';
import { ImageClassifier } from '../src/classifier/index.js';
import { decide, type LabeledScores, learnPolicy, type Policy } from '../src/moderation/index.js';
import { costOf } from '../src/moderation/learnPolicy.js';
import { cheapestThresholds, type Thresholds } from '../src/moderation/thresholds.js';

const RESAMPLES = 100;
const [
  batch = fileURLToPath(new URL('../../shared/data/cifar10/test_batch.bin', import.meta.url)),
  file = fileURLToPath(new URL('../weights/cifar10-airbench93.safetensors', import.meta.url)),
] = process.argv.slice(2);

if (existsSync(batch)) await main();
else console.log(`${batch} is not there: name TEST_BATCH and CLASSIFIER.`);

async function main(): Promise<void> {
  const classifier = await ImageClassifier.load(file);
  const { rows, labels } = await scored(classifier);
  console.log(`${labels.length} images, ${RESAMPLES} resamples of ${labels.length / 2} for each class`);
  console.log(
    'class        cost / best in hindsight: median, worst of 10   of thresholds for all images   learned / those   stated miss rates that hold: for the judged half, for all',
  );
  for (const [k, name] of classifier.classes.entries()) {
    const photographs = rows.map(
      (row, n): LabeledScores => ({ scores: { [name]: row[k] }, shows: labels[n] === k ? [name] : [] }),
    );
    const policy: Policy = {
      name: 'benchmark',
      version: '1',
      labels: { [name]: { miss: 10, falseAlarm: 4 } },
      review: { cost: 1, capacity: 1 },
    };
    const random = new RandomStream(`resamples ${name}`);
    const ratios: number[] = [];
    const ofAll: number[] = [];
    const ideal = { [name]: bestThresholds(policy, name, photographs) };
    let [held, heldOfAll] = [0, 0];
    for (let i = 0; i < RESAMPLES; i++) {
      const order = [...random.shuffle(Int32Array.from(labels.keys()))].map((n) => photographs[n]);
      const [learn, judge] = [order.slice(0, labels.length / 2), order.slice(labels.length / 2)];
      const learned = learnPolicy(policy, learn, { seed: i });
      const { bound } = learned.missRates[name];
      if (missRate(learned.thresholds, judge) <= bound) held++;
      if (missRate(learned.thresholds, photographs) <= bound) heldOfAll++;
      const hindsight = costOn(policy, { [name]: bestThresholds(policy, name, judge) }, judge);
      ratios.push(costOn(policy, learned.thresholds, judge) / hindsight);
      ofAll.push(costOn(policy, ideal, judge) / hindsight);
    }
    const against = ratios.map((ratio, i) => ratio / ofAll[i]);
    const [median, worst, all, fair] = [at(ratios, 0.5), at(ratios, 0.9), at(ofAll, 0.5), at(against, 0.5)];
    console.log(
      `${name.padEnd(12)} ${median.toFixed(3)}, ${worst.toFixed(3)}   ${all.toFixed(3)}   ${fair.toFixed(3)}   ${held}, ${heldOfAll} of ${RESAMPLES}`,
    );
  }
}

function missRate(thresholds: Parameters<typeof decide>[0], items: readonly LabeledScores[]): number {
  const bad = items.filter(({ shows }) => shows.length > 0);
  return bad.filter(({ scores }) => decide(thresholds, scores).action === 'allow').length / bad.length;
}

function at(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(share * values.length)];
}

function costOn(policy: Policy, thresholds: Parameters<typeof decide>[0], items: readonly LabeledScores[]): number {
  const costs = items.map(({ scores, shows }) => {
    const { action, label } = decide(thresholds, scores);
    return costOf(policy, action, label, shows);
  });
  return costs.reduce((sum, cost) => sum + cost, 0) / items.length;
}

function bestThresholds(policy: Policy, label: string, items: readonly LabeledScores[]): Thresholds {
  const sorted = items
    .map(({ scores, shows }) => ({ score: scores[label], bad: shows.length, weight: 1 }))
    .sort((a, b) => a.score - b.score);
  return cheapestThresholds(sorted, { ...policy.labels[label], review: policy.review.cost });
}

async function scored(classifier: ImageClassifier): Promise<{ rows: Float64Array[]; labels: number[] }> {
  const bytes = readFileSync(batch);
  const [size, plane] = [3073, 1024];
  const labels = Array.from({ length: bytes.length / size }, (_, n) => bytes[n * size]);
  const rows: Float64Array[] = [];
  for (let from = 0; from < labels.length; from += 100) {
    const pictures = labels.slice(from, from + 100).map((_, i) => {
      const start = (from + i) * size + 1;
      const data = Uint8Array.from(
        { length: 3 * plane },
        (_, at) => bytes[start + (at % 3) * plane + Math.floor(at / 3)],
      );
      return { width: 32, height: 32, data };
    });
    rows.push(...(await classifier.confidences(pictures)));
  }
  return { rows, labels };
}

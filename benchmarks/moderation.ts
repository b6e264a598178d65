// What does a learned policy cost against the best thresholds in hindsight, and how often do its stated miss rates hold?
//
// npx tsx benchmarks/moderation.ts [TEST_BATCH CLASSIFIER]: CIFAR-10's test images, scored once by the classifier that comes along. Each class
// in turn is what must not be shown. In each of 100 resamples, thresholds are learned from one half of the images and judged on the other.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RandomStream } from '../src/base/random.js';
import { ImageClassifier } from '../src/classifier/index.js';
import { decide, type LabeledScores, learnPolicy, type Policy } from '../src/moderation/index.js';
import { costOf } from '../src/moderation/learnPolicy.js';
import { cheapestThresholds, meanCost } from '../src/moderation/thresholds.js';

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
  console.log('class        cost / best, median and worst of 10   stated miss rates that hold');
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
    let held = 0;
    for (let i = 0; i < RESAMPLES; i++) {
      const order = [...random.shuffle(Int32Array.from(labels.keys()))].map((n) => photographs[n]);
      const [learn, judge] = [order.slice(0, labels.length / 2), order.slice(labels.length / 2)];
      const learned = learnPolicy(policy, learn, { seed: i });
      // The true rate is that on all images that were not learned from.
      const bad = judge.filter(({ shows }) => shows.length > 0);
      const missed = bad.filter(({ scores }) => decide(learned.thresholds, scores).action === 'allow').length;
      if (missed / bad.length <= learned.missRates[name].bound) held++;
      ratios.push(costOn(policy, learned.thresholds, judge) / best(policy, name, judge));
    }
    ratios.sort((a, b) => a - b);
    console.log(
      `${name.padEnd(12)} ${ratios[RESAMPLES / 2].toFixed(3)}, ${ratios[0.9 * RESAMPLES].toFixed(3)}                     ${held} of ${RESAMPLES}`,
    );
  }
}

function costOn(policy: Policy, thresholds: Parameters<typeof decide>[0], items: readonly LabeledScores[]): number {
  const costs = items.map(({ scores, shows }) => {
    const { action, label } = decide(thresholds, scores);
    return costOf(policy, action, label, shows);
  });
  return costs.reduce((sum, cost) => sum + cost, 0) / items.length;
}

function best(policy: Policy, label: string, items: readonly LabeledScores[]): number {
  const sorted = items
    .map(({ scores, shows }) => ({ score: scores[label], bad: shows.length, weight: 1 }))
    .sort((a, b) => a.score - b.score);
  const costs = { ...policy.labels[label], review: policy.review.cost };
  return meanCost(sorted, cheapestThresholds(sorted, costs), costs);
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

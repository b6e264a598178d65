// Makes weights/cifar10-airbench93.safetensors of a run of the recipe on the first 45,000 training images; the other 5,000 calibrate it:
//   npm run recipe -- airbench93 --seed 1 --limit 45000 --out RUN
//   npx tsx tools/shipClassifier.ts RUN/weights.safetensors [CIFAR10_DIR]
import { calibrated, ImageClassifier } from '../src/classifier/index.js';
import { createModel, DataLoader, type Dataset, evaluate, measureMeanStd, subset, Tensor } from '../src/index.js';
import { Calibration } from '../src/metrics/index.js';
import { cifar10, loadWeightsInto } from '../src/node/index.js';
import { mirrorAndShiftViews } from '../src/train/index.js';

const LEARNED = 45_000;
const FILE = 'weights/cifar10-airbench93.safetensors';

const [weights, dir = process.env.CIFAR10_DIR, out = FILE] = process.argv.slice(2);
const train = await cifar10({ split: 'train', dir });
const test = await cifar10({ split: 'test', dir });
const learned = subset(train, range(0, LEARNED));
const normalize = measureMeanStd(learned);

const model = createModel('airbench93');
await loadWeightsInto(model, weights);
const { mean, std } = normalize;
const bare = new ImageClassifier(model, {
  classes: train.classes,
  preprocessing: { size: 32, mean: mean.map(short), std: std.map(short) },
});
// Calibrated and measured as it is shipped: with weights of half precision.
const half = await ImageClassifier.load(await bare.toBytes('safetensors', { weights: 'float16' }));
const heldOut = await outputs(half, subset(train, range(LEARNED, train.length)));
const ready = calibrated(half, heldOut.logits, heldOut.labels);
const tested = await outputs(ready, test);
const { accuracy: withViews } = await evaluate(half.model, loader(test), { views: mirrorAndShiftViews() });
const calibrationError = errorAt(ready.settings.temperature, tested);
const shipped = ready.with({
  info: {
    recipe: 'airbench93',
    seed: 1,
    trainedBy: 'stridenet',
    trainedOn: `the first ${LEARNED} training images of CIFAR-10`,
    calibratedOn: `the other ${heldOut.labels.length} training images`,
    accuracy: tested.accuracy,
    accuracyWithViews: withViews,
    calibrationError: short(calibrationError),
    measuredOn: `the ${tested.labels.length} test images of CIFAR-10`,
    license: 'MIT',
  },
});
await shipped.save(out, { weights: 'float16' });
console.log(shipped.settings.info);
console.log(
  `temperature ${shipped.settings.temperature.toFixed(4)}, calibration error before ${errorAt(1, tested).toFixed(4)}`,
);

function range(from: number, to: number): Int32Array {
  return Int32Array.from({ length: to - from }, (_, i) => from + i);
}

function short(value: number): number {
  return Number(value.toFixed(6));
}

function loader(data: Dataset): DataLoader {
  return new DataLoader(data, { batchSize: 250, normalize: { mean: mean.map(short), std: std.map(short) } });
}

async function outputs(
  { model: network }: ImageClassifier,
  data: Dataset,
): Promise<{ logits: Float32Array; labels: Int32Array; accuracy: number }> {
  const logits = new Float32Array(data.length * data.classes.length);
  let at = 0;
  const { labels, accuracy } = await evaluate(network, loader(data), {
    onBatch: (_, batch) => {
      logits.set(batch.data, at);
      at += batch.size;
    },
  });
  return { logits, labels, accuracy };
}

function errorAt(temperature: number, { logits, labels }: { logits: Float32Array; labels: Int32Array }): number {
  const error = new Calibration();
  const scaled = logits.map((z) => z / temperature);
  error.update(Tensor.from(scaled, [labels.length, logits.length / labels.length]), labels);
  return error.compute();
}

// Train an image classifier on CIFAR-10 and measure it: `npm run train`, or with flags `npm run train -- --help`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compose, randomCrop, randomHorizontalFlip } from '../src/data/transforms/index.js';
import {
  createModel,
  DataLoader,
  evaluate,
  fit,
  kernelInfo,
  manualSeed,
  measureMeanStd,
  oneCycleSchedule,
  SGD,
  StridenetError,
  splitDataset,
  useKernels,
} from '../src/index.js';
import { checkpoints, progressBar, trackRun } from '../src/node/index.js';
import {
  DEFAULTS,
  defaultEpochs,
  helpText,
  readArguments,
  readSaved,
  type Settings,
  UsageError,
} from './support/arguments.js';
import { first, loadData } from './support/data.js';
import { interrupt } from './support/interrupt.js';
import { Mistakes } from './support/mistakes.js';
import {
  CHECKPOINTS,
  CONFIG,
  checkSame,
  explainData,
  openRunFolder,
  type RunFolder,
  readConfig,
} from './support/runFolder.js';
import { drawTest, drawTraining, savedRun, saving } from './support/saving.js';
import { tiny } from './support/tiny.js';

async function main(argv: string[]): Promise<void> {
  const defaults: Settings = tiny ? { ...DEFAULTS, epochs: 1, limit: 320, out: 'runs/tiny' } : DEFAULTS;
  const { help, settings } = readSettings(argv, defaults);
  if (help) return console.log(helpText(defaults));
  const folder = await openRunFolder(settings.out);
  try {
    await run(settings, folder);
  } catch (error) {
    throw explainData(error, settings.out);
  } finally {
    await folder.close();
  }
}

async function run(settings: Settings, folder: RunFolder): Promise<void> {
  const { out, seed, batchSize, learningRate, limit } = settings;
  const { signal, done } = interrupt();

  // (1) Data: a few training images are held out to follow the learning; the test images are used once, at the end.
  const data = await loadData({ dir: settings.data });
  const [train, validation] = splitDataset(first(data.train, limit), 0.04, { seed });
  const test = first(data.test, limit);
  const { epochs = defaultEpochs(data.name, settings.kernels), minutes } = settings;
  const normalize = measureMeanStd(train);
  const transform = data.name === 'CIFAR-10' ? compose(randomCrop(2), randomHorizontalFlip()) : randomHorizontalFlip();
  manualSeed(seed);
  const loader = new DataLoader(train, { batchSize, shuffle: true, dropLast: true, transform, normalize });

  // (2) Model, optimiser, schedule.
  await useKernels(settings.kernels, { threads: settings.threads });
  const model = createModel(settings.model, { numClasses: train.classes.length });
  const optimizer = new SGD(model.parameters(), { learningRate, momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
  const schedule = oneCycleSchedule(learningRate, { steps: epochs * loader.length });
  console.log(
    `${settings.model} on ${data.name}: ${train.length} images to train on, ${validation.length} to validate, ${test.length} to test; ${describeKernels()}`,
  );

  // (3) Training.
  const config = { ...settings, epochs };
  const tracker = trackRun(out, { config });
  const history = await fit(model, {
    train: loader,
    validation: new DataLoader(validation, { batchSize: 250, normalize }),
    optimizer,
    schedule,
    epochs,
    timeBudget: minutes === undefined ? undefined : 60 * minutes,
    signal,
    callbacks: [
      folder.begun(config, tracker),
      checkpoints(join(out, CHECKPOINTS), { every: { epochs: 1, minutes: 1 } }),
      saving(out),
      progressBar(),
    ],
    resume: settings.resume ? await savedRun(out, model) : undefined,
  });
  await drawTraining(out, model, history, loader.length, tracker);
  if (history.endReason === 'aborted') {
    console.log(`Stopped after step ${history.steps}; saved in ${out}. --resume goes on from there.`);
    process.exitCode = 130;
    return;
  }
  done();

  // (4) The test.
  const mistakes = new Mistakes();
  const loaderOfTest = new DataLoader(test, { batchSize: 250, normalize });
  const result = await evaluate(model, loaderOfTest, { onBatch: mistakes.collect });
  await drawTest(out, result, mistakes, test);
  await tracker.note({ testAccuracy: result.accuracy });
  console.log(`history, weights and pictures are in ${out}`);
  console.log(`test accuracy ${(100 * result.accuracy).toFixed(2)} %`);
}

/** The command line, over the settings of the run to resume, over the defaults. */
function readSettings(argv: string[], defaults: Settings): { settings: Settings; help: boolean } {
  const wanted = argv.filter((arg) => arg !== '--tiny');
  const { settings, help } = readArguments(wanted, defaults);
  if (help || !settings.resume) return { settings, help };
  if (!existsSync(join(settings.out, CHECKPOINTS))) {
    throw new UsageError(`--resume: there is no checkpoint in ${settings.out}. Leave --resume out to start anew.`);
  }
  const { out } = settings;
  const saved = { ...readSaved(readConfig(out), join(out, CONFIG)), out };
  const resumed = readArguments(wanted, saved);
  checkSame(out, saved, resumed.settings, ['model', 'batchSize', 'seed', 'limit']);
  return resumed;
}

/** `simd kernels on 2 threads` */
function describeKernels(): string {
  const { table, threads } = kernelInfo();
  return `${table} kernels on ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof UsageError || error instanceof StridenetError)) throw error;
  console.error(`train: ${error.message}`);
  process.exitCode = 1;
});

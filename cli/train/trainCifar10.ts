import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { compose, randomCrop, randomHorizontalFlip } from '../../src/data/transforms/index.js';
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
  splitDataset,
  useKernels,
} from '../../src/index.js';
import { checkpoints, progressBar, trackRun } from '../../src/node/index.js';
import { EXIT } from '../exitCodes.js';
import { CommandError } from '../flags.js';
import { interrupt } from '../interrupt.js';
import {
  CHECKPOINTS,
  CONFIG,
  checkSame,
  explainData,
  openRunFolder,
  type RunFolder,
  readConfig,
} from '../runs/runFolder.js';
import type { Terminal } from '../terminal.js';
import { tiny } from '../tiny.js';
import { first, loadData } from './data.js';
import { Mistakes } from './mistakes.js';
import { drawTest, drawTraining, savedRun, saving } from './saving.js';
import { DEFAULTS, defaultEpochs, readSaved, type Settings } from './settings.js';

/** Trains an image classifier on CIFAR-10, measures it, and leaves all results in a folder. Returns the exit code. */
export async function trainCifar10(given: Partial<Settings>, terminal: Terminal): Promise<number> {
  const defaults: Settings = tiny ? { ...DEFAULTS, epochs: 1, limit: 320, out: 'runs/tiny' } : DEFAULTS;
  const settings = settingsOf(given, defaults);
  const folder = await openRunFolder(settings.out, terminal.print);
  try {
    return await run(settings, folder, terminal);
  } catch (error) {
    throw explainData(error, settings.out);
  } finally {
    await folder.close();
  }
}

async function run(settings: Settings, folder: RunFolder, { print }: Terminal): Promise<number> {
  const { out, seed, batchSize, learningRate, limit } = settings;
  const { signal, done } = interrupt();

  // (1) Data: a few training images are held out to follow the learning; the test images are used once, at the end.
  const data = await loadData({ dir: settings.data, print });
  const [train, validation] = splitDataset(first(data.train, limit), 0.04, { seed });
  const test = first(data.test, limit);
  const { epochs = defaultEpochs(data.name, settings.kernels), minutes } = settings;
  const normalize = measureMeanStd(train);
  const transform = data.name === 'CIFAR-10' ? compose(randomCrop(2), randomHorizontalFlip()) : randomHorizontalFlip();
  manualSeed(seed);
  const loader = new DataLoader(train, { batchSize, shuffle: true, dropLast: true, transform, normalize });

  // (2) Model, optimizer, schedule.
  await useKernels(settings.kernels, { threads: settings.threads });
  const model = createModel(settings.model, { numClasses: train.classes.length });
  const optimizer = new SGD(model.parameters(), { learningRate, momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
  const schedule = oneCycleSchedule(learningRate, { steps: epochs * loader.length });
  print(
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
      progressBar({ print }),
    ],
    resume: settings.resume ? await savedRun(out, model, print) : undefined,
  });
  await drawTraining(out, model, history, loader.length, tracker);
  if (history.endReason === 'aborted') {
    print(`Stopped after step ${history.steps}; saved in ${out}. --resume goes on from there.`);
    return EXIT.interrupted;
  }
  done();

  // (4) The test.
  const mistakes = new Mistakes();
  const loaderOfTest = new DataLoader(test, { batchSize: 250, normalize });
  const result = await evaluate(model, loaderOfTest, { onBatch: mistakes.collect });
  await drawTest(out, result, mistakes, test);
  await tracker.note({ testAccuracy: result.accuracy });
  print(`history, weights and pictures are in ${out}`);
  print(`test accuracy ${(100 * result.accuracy).toFixed(2)} %`);
  return EXIT.ok;
}

/** The flags given, over the settings of the run to resume, over the defaults. */
function settingsOf(given: Partial<Settings>, defaults: Settings): Settings {
  const settings = { ...defaults, ...given };
  if (!settings.resume) return settings;
  const { out } = settings;
  if (!existsSync(join(out, CHECKPOINTS))) {
    throw new CommandError(`--resume: there is no checkpoint in ${out}. Leave --resume out to start anew.`);
  }
  const saved = { ...readSaved(readConfig(out), join(out, CONFIG)), out };
  const resumed = { ...saved, ...given };
  checkSame(out, saved, resumed, ['model', 'batchSize', 'seed', 'limit']);
  return resumed;
}

/** `simd kernels on 2 threads` */
function describeKernels(): string {
  const { table, threads } = kernelInfo();
  return `${table} kernels on ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

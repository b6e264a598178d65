import { compose, randomCrop, randomHorizontalFlip } from '../../src/data/transforms/index.js';
import {
  DataLoader,
  evaluate,
  type FitOptions,
  fit,
  type Module,
  measureMeanStd,
  oneCycleSchedule,
  SGD,
} from '../../src/index.js';
import { progressBar } from '../../src/node/index.js';
import type { Terminal } from '../terminal.js';
import { first, loadData } from '../train/data.js';

/** What a training on CIFAR-10 is told. */
export interface CifarSettings {
  epochs: number;
  learningRate: number;
  data?: string | undefined;
  limit: number;
}

/** How networks are trained on CIFAR-10 and measured there, by the commands that change a network. */
export interface CifarTraining {
  /** Options of `fit` for a network. */
  optionsFor(model: Module): FitOptions;
  train(model: Module): Promise<unknown>;
  accuracy(model: Module): Promise<number>;
}

/** Images of CIFAR-10, and a short training on them with one cycle of the learning rate. */
export async function cifarTraining(settings: CifarSettings, { print, note }: Terminal): Promise<CifarTraining> {
  const { epochs, learningRate, limit } = settings;
  const data = await loadData({ dir: settings.data, print: note });
  const [images, test] = [first(data.train, limit), first(data.test, limit)];
  const normalize = measureMeanStd(images);
  const transform = data.name === 'CIFAR-10' ? compose(randomCrop(4), randomHorizontalFlip()) : randomHorizontalFlip();
  const testLoader = new DataLoader(test, { batchSize: 250, normalize });
  const optionsFor = (model: Module): FitOptions => {
    const train = new DataLoader(images, { batchSize: 128, shuffle: true, transform, normalize });
    const optimizer = new SGD(model.parameters(), { learningRate, momentum: 0.9, nesterov: true, weightDecay: 2e-4 });
    const schedule = oneCycleSchedule(learningRate, { steps: epochs * train.length });
    return { train, optimizer, schedule, epochs, callbacks: [progressBar({ print })] };
  };
  return {
    optionsFor,
    train: (model) => fit(model, optionsFor(model)),
    accuracy: async (model) => (await evaluate(model, testLoader)).accuracy,
  };
}

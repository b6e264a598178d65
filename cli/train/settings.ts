import { availableParallelism } from 'node:os';
import { kernelInfo } from '../../src/index.js';
import { listModels } from '../../src/models/index.js';
import { checkSaved, type Flag } from '../flags.js';

/** What a run is told: the flags of `stridenet train`, filled in. Saved as config.json, so that --resume knows them. */
export interface Settings {
  data?: string;
  model: string;
  /** Default: see defaultEpochs. */
  epochs?: number;
  /** Instead of a number of epochs. */
  minutes?: number;
  batchSize: number;
  learningRate: number;
  seed: number;
  kernels: 'simd' | 'plain' | 'reference';
  threads: number;
  out: string;
  limit: number;
  resume: boolean;
}

/** Times through the data set unless --epochs tells: a minute or two on two cores, or five minutes on the slower tables. */
export function defaultEpochs(data: 'CIFAR-10' | 'synthetic', kernels: Settings['kernels']): number {
  if (data === 'synthetic') return 5;
  return kernels === 'simd' ? 8 : 2;
}

/** Tuned for CIFAR-10 in few epochs. */
export const DEFAULTS: Settings = {
  model: 'cifar_net',
  batchSize: 32,
  learningRate: 0.05,
  seed: 0,
  kernels: kernelInfo().table === 'simd' ? 'simd' : 'plain',
  threads: availableParallelism(),
  out: 'runs/cifar10',
  limit: 0,
  resume: false,
};

/** The flags of `stridenet train`, with the defaults that its help shows. */
export const FLAGS: readonly Flag<keyof Settings>[] = [
  { name: 'data', value: 'DIR', help: "folder with CIFAR-10's .bin files, as an argument; or set CIFAR10_DIR" },
  { name: 'model', value: 'NAME', help: 'the network', oneOf: listModels(), default: DEFAULTS.model },
  {
    name: 'epochs',
    value: 'N',
    help: `times through the images (default ${defaultEpochs('CIFAR-10', 'simd')}; with other kernels ${defaultEpochs('CIFAR-10', 'plain')}; ${defaultEpochs('synthetic', 'simd')} on the synthetic set)`,
    range: [1, 10_000],
  },
  {
    name: 'minutes',
    value: 'X',
    help: 'train for a fixed time instead, however fast the machine is',
    range: [0.01, 1e5],
    real: true,
  },
  { name: 'batchSize', value: 'N', help: 'images per step', range: [1, 10_000], default: DEFAULTS.batchSize },
  {
    name: 'learningRate',
    value: 'X',
    help: 'the peak of the one-cycle schedule',
    range: [1e-9, 100],
    real: true,
    default: DEFAULTS.learningRate,
  },
  { name: 'seed', value: 'N', help: 'the same seed gives the same bytes', range: [0, 2 ** 31], default: DEFAULTS.seed },
  {
    name: 'kernels',
    value: 'TABLE',
    help: 'the table of kernels',
    oneOf: ['simd', 'plain', 'reference'],
    default: DEFAULTS.kernels,
  },
  { name: 'threads', value: 'N', help: 'threads of the simd kernels', range: [1, 256], default: DEFAULTS.threads },
  { name: 'out', value: 'DIR', help: 'where results go', default: DEFAULTS.out },
  { name: 'limit', value: 'N', help: 'use only the first N training and N test images; 0 for all', range: [0, 1e9] },
  { name: 'resume', help: 'continue the run in --out where it was stopped' },
];

/** The settings in a run's config.json, which is at `path`. Throws `CommandError` for unknown keys and values out of range. */
export function readSaved(saved: unknown, path: string): Settings {
  return { ...DEFAULTS, ...checkSaved(FLAGS, saved, path) };
}

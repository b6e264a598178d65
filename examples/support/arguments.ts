import { availableParallelism } from 'node:os';
import { checkSaved, type Flag, flagTable, readFlags } from '../../cli/flags.js';
import { kernelInfo } from '../../src/index.js';
import { listModels } from '../../src/models/index.js';

export { UsageError } from '../../cli/flags.js';

/** What a run is told: the flags of `npm run train`, filled in. Saved as config.json, so that --resume knows them. */
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

const FLAGS: Flag<keyof Settings>[] = [
  { name: 'data', value: 'DIR', help: "folder with CIFAR-10's .bin files (or set CIFAR10_DIR)" },
  { name: 'model', value: 'NAME', help: listModels().join(', '), oneOf: listModels() },
  {
    name: 'epochs',
    value: 'N',
    help: `times through the images (default ${defaultEpochs('CIFAR-10', 'simd')}; with other kernels ${defaultEpochs('CIFAR-10', 'plain')}; ${defaultEpochs('synthetic', 'simd')} on the synthetic set)`,
    range: [1, 10_000],
  },
  {
    name: 'minutes',
    value: 'X',
    help: 'train for so long instead, whatever the machine: the schedule follows the clock',
    range: [0.01, 1e5],
    real: true,
  },
  { name: 'batchSize', value: 'N', help: 'images a step', range: [1, 10_000] },
  { name: 'learningRate', value: 'X', help: 'the peak of the one-cycle schedule', range: [1e-9, 100], real: true },
  { name: 'seed', value: 'N', help: 'the same seed gives the same bytes', range: [0, 2 ** 31] },
  { name: 'kernels', value: 'TABLE', help: 'simd, plain or reference', oneOf: ['simd', 'plain', 'reference'] },
  { name: 'threads', value: 'N', help: 'threads of the simd kernels', range: [1, 256] },
  { name: 'out', value: 'DIR', help: 'where results go' },
  { name: 'limit', value: 'N', help: 'use only the first N training and N test images; 0 for all', range: [0, 1e9] },
  { name: 'resume', help: 'continue the run in --out where it was stopped' },
];

/** Reads the command line. Flags not given come from `fallback`. Throws `UsageError`. */
export function readArguments(argv: string[], fallback: Settings): { settings: Settings; help: boolean } {
  return readFlags(FLAGS, argv, fallback);
}

/** The settings in a run's config.json, which is at `path`. Throws `UsageError` for unknown keys and values out of range. */
export function readSaved(saved: unknown, path: string): Settings {
  return { ...DEFAULTS, ...checkSaved(FLAGS, saved, path) };
}

/** What --help prints. */
export function helpText(defaults: Settings): string {
  return `Trains an image classifier and prints its test accuracy.

  npm run train -- [flags]

${flagTable(FLAGS, defaults)}

Data, in this order: --data or CIFAR10_DIR; an earlier download; a download of CIFAR-10 (170 MB); a built-in synthetic set.
Ctrl-C stops after the present step and saves; a second Ctrl-C quits at once.`;
}

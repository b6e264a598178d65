import type { Command } from '../command.js';

/*
 * The commands of `stridenet`, in the order of the help. To add one:
 *
 * 1. Write cli/commands/NAME.ts, which exports `command = defineCommand<Options>({ arguments, flags, about, examples, run })`; see
 *    summary.ts. Import the library and heavy packages inside `run`, so that the help stays quick. Larger parts go to cli/NAME/.
 * 2. List it here. Nothing else needs to know it: parsing, help, suggestions for wrong names, completion, errors and exit codes follow.
 * 3. Test it in tests/cli/NAME.test.ts with `stridenet(['NAME', ...])` of tests/cli/run.ts, which runs the real program.
 *
 * `run` prints results with `terminal.print` (or `terminal.json`, for --json) and remarks with `terminal.note`, which writes to
 * stderr. It throws StridenetErrors, or a UsageError where the command line is wrong, and returns the exit code unless that is 0.
 */

/** A command as the help lists it; its module is loaded when it is run. */
export interface CommandEntry {
  name: string;
  /** Under which heading the help lists it. */
  group: 'Training' | 'Photographs' | 'Models' | 'This program';
  /** A few words, without a period. */
  summary: string;
  load(): Promise<Command>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'train',
    group: 'Training',
    summary: 'train an image classifier and report its accuracy',
    load: async () => (await import('./train.js')).command,
  },
  {
    name: 'recipe',
    group: 'Training',
    summary: 'train a well-known network to a known accuracy',
    load: async () => (await import('./recipe.js')).command,
  },
  {
    name: 'launch',
    group: 'Training',
    summary: 'start a program as several processes that train one model',
    load: async () => (await import('./launch.js')).command,
  },
  {
    name: 'sweep',
    group: 'Training',
    summary: 'try settings of a training in many trials and report the best',
    load: async () => (await import('./sweep.js')).command,
  },
  {
    name: 'worker',
    group: 'Training',
    summary: 'work on the trials of a sweep that runs on another machine',
    load: async () => (await import('./worker.js')).command,
  },
  {
    name: 'runs',
    group: 'Training',
    summary: 'list and compare runs in a table and an HTML page',
    load: async () => (await import('./runs.js')).command,
  },
  {
    name: 'results',
    group: 'Training',
    summary: 'write a page about the results of recipes',
    load: async () => (await import('./results.js')).command,
  },
  {
    name: 'classify',
    group: 'Photographs',
    summary: 'tell what photographs show',
    load: async () => (await import('./classify.js')).command,
  },
  {
    name: 'evaluate',
    group: 'Training',
    summary: 'measure a classifier or saved weights',
    load: async () => (await import('./evaluate.js')).command,
  },
  {
    name: 'describe',
    group: 'Photographs',
    summary: 'suggest alternative texts for photographs and for the images of pages',
    load: async () => (await import('./describe.js')).command,
  },
  {
    name: 'moderate',
    group: 'Photographs',
    summary: 'decide which photographs may be shown, with reviewers and records',
    load: async () => (await import('./moderate.js')).command,
  },
  {
    name: 'organize',
    group: 'Photographs',
    summary: 'tag photographs and sort them into albums, events and duplicates',
    load: async () => (await import('./organize.js')).command,
  },
  {
    name: 'watch',
    group: 'Photographs',
    summary: 'classify photographs as they arrive, or the frames of a video',
    load: async () => (await import('./watch.js')).command,
  },
  {
    name: 'inspect',
    group: 'Photographs',
    summary: 'say what is in a folder of photographs, with pictures',
    load: async () => (await import('./inspect.js')).command,
  },
  {
    name: 'index',
    group: 'Photographs',
    summary: 'make an index of a folder of photographs, for searches',
    load: async () => (await import('./indexPhotos.js')).command,
  },
  {
    name: 'search',
    group: 'Photographs',
    summary: 'find photographs like one: identical, copies and similar',
    load: async () => (await import('./search.js')).command,
  },
  {
    name: 'summary',
    group: 'Models',
    summary: 'print the layers, parameters and multiply-adds of a model',
    load: async () => (await import('./summary.js')).command,
  },
  {
    name: 'profile',
    group: 'Models',
    summary: 'measure where the time of a model goes, operation by operation',
    load: async () => (await import('./profile.js')).command,
  },
  {
    name: 'budget',
    group: 'Models',
    summary: 'measure which networks fit into a time and a size',
    load: async () => (await import('./budget.js')).command,
  },
  {
    name: 'quantize',
    group: 'Models',
    summary: 'turn a network into 8-bit integers, and measure the cost',
    load: async () => (await import('./quantize.js')).command,
  },
  {
    name: 'prune',
    group: 'Models',
    summary: 'remove the least important channels of a network',
    load: async () => (await import('./prune.js')).command,
  },
  {
    name: 'distill',
    group: 'Training',
    summary: 'train a small network to answer as a larger one',
    load: async () => (await import('./distill.js')).command,
  },
  {
    name: 'convert',
    group: 'Models',
    summary: 'convert models between PyTorch, safetensors, ONNX and TensorFlow.js',
    load: async () => (await import('./convert.js')).command,
  },
  {
    name: 'bench',
    group: 'This program',
    summary: 'measure how fast this machine trains and classifies',
    load: async () => (await import('./bench.js')).command,
  },
  {
    name: 'completion',
    group: 'This program',
    summary: 'print a script that completes commands in bash, zsh or fish',
    load: async () => (await import('./completion.js')).command,
  },
];

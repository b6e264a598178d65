import { defineCommand } from '../command.js';
import type { SweepOptions } from '../sweep/runSweep.js';

export const command = defineCommand<SweepOptions>({
  about: `Looks for the best settings of a training: runs trials in processes of this machine or, with --queue, of many, and writes a report.

CONFIG is a JSON file with the space, the sampler, the pruner and what a trial is: a module of yours, 'train' or a recipe. See
docs/sweeps.md. A sweep that was stopped or killed goes on with the same command.`,
  arguments: [{ name: 'CONFIG', help: 'the configuration, a JSON file', required: true }],
  flags: [
    {
      name: 'workers',
      value: 'N',
      help: 'trials at a time, each in a process of its own; default: 1, or none with --queue',
      range: [1, 1024],
    },
    { name: 'out', value: 'DIR', help: 'the journal, the trials and the report; default: runs/CONFIG' },
    { name: 'json', help: 'print the table of all trials as JSON' },
    { name: 'worker', help: 'only work on trials, besides a sweep that is running with the same --out' },
    {
      name: 'queue',
      value: 'URL',
      help: "hand the trials to 'stridenet worker' on any machine: redis://HOST:PORT or postgres://USER:PASSWORD@HOST/DATABASE",
    },
    { name: 'name', value: 'NAME', help: 'the name of the queue; default: the name of CONFIG' },
  ],
  examples: [
    ['stridenet sweep sweep.json --workers 2', 'two trials at a time; results are in runs/sweep'],
    ['stridenet sweep sweep.json --queue redis://10.0.0.1:6379', 'trials on all machines that run stridenet worker'],
    ['stridenet sweep sweep.json --json', 'the table as data; trials that are done are not repeated'],
  ],

  async run({ args: [path], options, terminal }) {
    const { basename, extname, join } = await import('node:path');
    const { out = join('runs', basename(path, extname(path))) } = options;
    const { runSweep } = await import('../sweep/runSweep.js');
    return runSweep(path, out, options, terminal);
  },
});

import { defineCommand } from '../command.js';
import { UsageError } from '../flags.js';

interface WorkerFlags {
  queue?: string | undefined;
  name?: string | undefined;
  workers: number;
  out?: string | undefined;
  silence: number;
  idle?: number | undefined;
}

export const command = defineCommand<WorkerFlags>({
  about: `Works on the trials of a sweep that runs elsewhere: 'stridenet sweep CONFIG --queue URL'.

CONFIG is the same file as there; a worker with another one is refused. Each trial is in a process of its own, and one that is killed
is tried again. A folder that all machines share (--out) lets a trial go on from its checkpoint on another machine. The address of the
queue can be in the variable STRIDENET_QUEUE too, so that its password is on no command line.`,
  arguments: [{ name: 'CONFIG', help: 'the configuration of the sweep, a JSON file', required: true }],
  flags: [
    { name: 'queue', value: 'URL', help: 'redis://HOST:PORT or postgres://USER:PASSWORD@HOST/DATABASE' },
    { name: 'name', value: 'NAME', help: 'the queue, as the sweep has it; default: the name of CONFIG' },
    { name: 'workers', value: 'N', help: 'trials at a time', range: [1, 1024], default: 1 },
    { name: 'out', value: 'DIR', help: 'where trials keep checkpoints and runs; default: runs/CONFIG' },
    {
      name: 'silence',
      value: 'SECONDS',
      help: 'a worker that has been silent for this long loses its trial to another one',
      range: [1, 86_400],
      default: 30,
    },
    {
      name: 'idle',
      value: 'SECONDS',
      help: 'stop after this long without a trial; default: work until stopped',
      range: [1, 1e9],
    },
  ],
  examples: [
    ['stridenet worker sweep.json --queue redis://10.0.0.1:6379 --workers 4', 'four trials at a time on this machine'],
    ['STRIDENET_QUEUE=postgres://... stridenet worker sweep.json --idle 600', 'until there is nothing to do any more'],
  ],

  async run({ args: [path], options, terminal }) {
    const { join } = await import('node:path');
    const { defaultName } = await import('../sweep/overQueue.js');
    const { queue = process.env.STRIDENET_QUEUE, name = defaultName(path), out = join('runs', name) } = options;
    if (!queue) {
      throw new UsageError('worker needs the address of the queue: --queue URL, or the variable STRIDENET_QUEUE.');
    }
    const { runWorkers } = await import('../sweep/queueWorker.js');
    return runWorkers(path, queue, { ...options, name, out }, terminal);
  },
});

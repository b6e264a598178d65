import { defineCommand } from '../command.js';
import { UsageError } from '../flags.js';
import { MODEL_FLAGS, type ModelFlags } from '../photographs/openModel.js';

interface ModerateFlags extends ModelFlags {
  policy?: string | undefined;
  learn?: string | undefined;
  out?: string | undefined;
  hashes?: string | undefined;
  store: string;
  queue?: string | undefined;
  work?: boolean | undefined;
  review?: boolean | undefined;
  reviewers: number;
  port: number;
  verify?: boolean | undefined;
  head?: string | undefined;
  replay?: boolean | undefined;
  json?: boolean | undefined;
}

/** What the command does; exactly one of them. */
const TASKS = ['learn', 'work', 'review', 'verify', 'replay'] as const;

export const command = defineCommand<ModerateFlags>({
  about: `Decides which photographs may be shown, by a policy: what a miss and a false alarm cost, and how much reviewers can do. PHOTOS are
files or folders.

First, --learn makes thresholds from labeled photographs (a folder per class). With them, PHOTOS are allowed, blocked or queued for
reviewers, whom --review gives a page. Every decision is a record in the store: --verify shows that nobody has changed one, and --replay
makes them all again.`,
  arguments: [{ name: 'PHOTOS', help: 'files or folders to decide about', many: true }],
  flags: [
    ...MODEL_FLAGS,
    { name: 'policy', value: 'FILE', help: 'the policy; for decisions, as --learn leaves it' },
    { name: 'learn', value: 'FOLDER', help: 'learn thresholds from labeled photographs' },
    {
      name: 'out',
      short: 'o',
      value: 'FILE',
      help: 'where --learn writes the policy with its thresholds; default: POLICY.learned.json',
    },
    { name: 'hashes', value: 'FILE', help: 'pictures that are known: a list of hashes, decided first' },
    { name: 'store', value: 'FILE', help: 'the queue and the records', default: 'moderation.db' },
    {
      name: 'queue',
      value: 'URL',
      help: 'let workers on other machines decide: redis://HOST or postgres://HOST/DATABASE',
    },
    { name: 'work', help: 'be such a worker' },
    { name: 'review', help: 'open the page of reviewers' },
    { name: 'reviewers', value: 'N', help: 'verdicts that have to agree', range: [1, 9], default: 2 },
    { name: 'port', value: 'N', help: 'the port of the page; 0 is any that is free', range: [0, 65535], default: 0 },
    { name: 'verify', help: 'check the chain of records, and print its head' },
    { name: 'head', value: 'HASH', help: 'a head that was printed before, and has to be among the records' },
    { name: 'replay', help: 'make all recorded decisions again, and compare them to the bit' },
    { name: 'json', help: 'print decisions as JSON, one line each' },
  ],
  examples: [
    [
      'stridenet moderate --learn labeled --policy policy.json --model m.safetensors',
      'thresholds, expected cost and miss rates',
    ],
    ['stridenet moderate uploads --policy policy.learned.json --model m.safetensors', 'decisions'],
    ['stridenet moderate --review', 'the page for what needs a look'],
  ],

  async run({ args, options, terminal }) {
    const tasks = TASKS.filter((task) => options[task] !== undefined && options[task] !== false);
    if (tasks.length > 1) throw new UsageError(`--${tasks[0]} and --${tasks[1]} exclude each other.`);
    const [task] = tasks;
    if ((task === undefined) !== args.length > 0) {
      throw new UsageError(
        task === undefined
          ? 'Name PHOTOS to decide about, or pass --learn, --work, --review, --verify or --replay.'
          : `--${task} takes no PHOTOS.`,
      );
    }
    if (options.work || (task === undefined && options.queue !== undefined)) {
      if (options.queue === undefined) throw new UsageError('--work needs a queue: --queue URL.');
      const { decideOverQueue, workOn } = await import('../moderate/queueTasks.js');
      return options.work
        ? workOn(options.queue, options, terminal)
        : decideOverQueue(options.queue, args, options, terminal);
    }
    const tools = await import('../moderate/tasks.js');
    if (task === 'learn') return tools.learn(options, terminal);
    if (task === 'review') return tools.review(options, terminal);
    if (task === 'verify') return tools.verify(options, terminal);
    if (task === 'replay') return tools.replayAll(options, terminal);
    return tools.decideAll(args, options, terminal);
  },
});

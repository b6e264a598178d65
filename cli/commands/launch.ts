import { defineCommand } from '../command.js';
import { UsageError } from '../flags.js';

interface LaunchOptions {
  ranks: number;
  nodes: number;
  node: number;
  master?: string | undefined;
  nats?: string | undefined;
  restarts: number;
}

export const command = defineCommand<LaunchOptions>({
  arguments: [
    { name: 'SCRIPT', help: 'the program to start, which calls createGroup()', required: true },
    { name: 'ARGS', help: 'what the program gets on its command line', many: true },
  ],
  flags: [
    { name: 'ranks', short: 'n', value: 'N', help: 'processes to start on this machine', default: 2, range: [1, 4096] },
    { name: 'nodes', value: 'N', help: 'machines that take part', default: 1, range: [1, 65_536] },
    { name: 'node', value: 'K', help: 'which of them this is, from 0', default: 0, range: [0, 65_535] },
    {
      name: 'master',
      value: 'HOST:PORT',
      help: 'where rank 0 listens, on machine 0; default: a free port of this machine',
    },
    {
      name: 'nats',
      value: 'URL',
      help: 'a NATS server that carries the messages instead of connections between ranks',
    },
    {
      name: 'restarts',
      value: 'N',
      help: 'start all ranks again when one fails, so many times; the program should resume from its checkpoints',
      default: 0,
      range: [0, 1e6],
    },
  ],
  passThrough: true,
  about:
    'Starts a program several times, as the ranks of a group that trains one model. Each process gets RANK, LOCAL_RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT and STRIDENET_SECRET.',
  examples: [
    ['stridenet launch --ranks 4 train.js', 'four processes of this machine'],
    [
      'STRIDENET_SECRET=... stridenet launch --ranks 2 --nodes 3 --node 1 --master 10.0.0.1:29500 train.js',
      'two on each of three machines; run with --node 0 and --node 2 on the others',
    ],
  ],

  async run({ args: [script, ...args], options, terminal }) {
    const { ranks, nodes, node, nats, restarts } = options;
    const master = options.master === undefined ? null : readAddress(options.master);
    if (node >= nodes) throw new UsageError(`--node is ${node}, but must be below --nodes, which is ${nodes}.`);
    if (nodes > 1 && master === null)
      throw new UsageError('--nodes needs --master HOST:PORT, the same on all machines.');
    if (nodes > 1 && !process.env.STRIDENET_SECRET) {
      throw new UsageError('--nodes needs the variable STRIDENET_SECRET: a random text, the same on all machines.');
    }
    const { launchRanks } = await import('../launch/launchRanks.js');
    for (let attempt = 0; ; attempt++) {
      const { code, isInterrupted } = await launchRanks({ ranks, nodes, node, master, nats, script, args }, terminal);
      if (code === 0 || isInterrupted || attempt === restarts) return code;
      terminal.note(`Starting all ranks again: restart ${attempt + 1} of ${restarts}.`);
    }
  },
});

/** `10.0.0.1:29500`; an IPv6 address stands in brackets. Throws `UsageError`. */
function readAddress(text: string): { host: string; port: number } {
  const match = /^\[?(.+?)\]?:(\d+)$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || !(port >= 1 && port <= 65_535)) {
    throw new UsageError(`--master is '${text}', but must be HOST:PORT, such as 10.0.0.1:29500.`);
  }
  return { host: match[1], port };
}

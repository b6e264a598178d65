import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { constants } from 'node:os';
import type { Terminal } from '../terminal.js';

/** What to start, and where. */
export interface Launch {
  /** Ranks on this machine. */
  ranks: number;
  nodes: number;
  /** Which of the machines this is, from 0. */
  node: number;
  /** Where rank 0 listens: HOST:PORT, or nothing for a free port of this machine. */
  master: { host: string; port: number } | null;
  nats: string | undefined;
  script: string;
  args: readonly string[];
}

export interface Launched {
  /** The exit code of the first rank that failed, or 0. */
  code: number;
  /** Whether this process was told to stop meanwhile. */
  isInterrupted: boolean;
}

/** Milliseconds that the others get to stop by themselves once a rank has failed, before they are ended. */
const GRACE = 15_000;

/**
 * Starts the ranks of this machine, and waits for them. Their lines are printed with the rank before them; where one fails, the others stop
 * by themselves, or are ended.
 */
export async function launchRanks(launch: Launch, terminal: Terminal): Promise<Launched> {
  const { ranks, nodes, node } = launch;
  const master = launch.master ?? { host: '127.0.0.1', port: await freePort() };
  const secret = process.env.STRIDENET_SECRET ?? randomBytes(32).toString('hex');
  const children: ChildProcess[] = [];
  let code = 0;
  let failed: NodeJS.Timeout | undefined;
  let isInterrupted = false;
  const forward = (signal: NodeJS.Signals): void => {
    isInterrupted = true;
    for (const child of children) child.kill(signal);
  };
  process.on('SIGINT', forward).on('SIGTERM', forward);
  try {
    await Promise.all(
      Array.from({ length: ranks }, async (_, local) => {
        const rank = node * ranks + local;
        const child = spawn(process.execPath, [...process.execArgv, launch.script, ...launch.args], {
          env: {
            ...process.env,
            RANK: String(rank),
            LOCAL_RANK: String(local),
            WORLD_SIZE: String(ranks * nodes),
            MASTER_ADDR: master.host,
            MASTER_PORT: String(master.port),
            STRIDENET_SECRET: secret,
            ...(launch.nats === undefined ? {} : { STRIDENET_NATS: launch.nats }),
          },
          stdio: ['ignore', 'pipe', 'pipe'],
        });
        children.push(child);
        const name = terminal.colors.dim(`[${rank}]`);
        eachLine(child.stdout, (line) => terminal.print(ranks * nodes === 1 ? line : `${name} ${line}`));
        eachLine(child.stderr, (line) => terminal.note(ranks * nodes === 1 ? line : `${name} ${line}`));
        const [exit, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
          child.on('error', reject);
          child.on('close', (...how) => resolve(how));
        });
        if (exit === 0) return;
        terminal.note(`rank ${rank} ended with ${signal === null ? `exit code ${exit}` : `signal ${signal}`}.`);
        if (code === 0) code = exit ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
        failed ??= setTimeout(() => {
          for (const other of children) other.kill('SIGKILL');
        }, GRACE);
      }),
    );
  } finally {
    clearTimeout(failed);
    process.off('SIGINT', forward).off('SIGTERM', forward);
  }
  return { code, isInterrupted };
}

function eachLine(stream: NodeJS.ReadableStream, use: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) use(line);
  });
  stream.on('end', () => {
    if (rest !== '') use(rest);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

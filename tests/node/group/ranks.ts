import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** A rank in a process of its own. */
export interface RankProcess {
  child: ChildProcess;
  /** All that it has printed so far. */
  output: () => string;
  /** The step that it has printed last. */
  step: () => number;
  ended: Promise<number | null>;
}

/** Starts the ranks of `rankProgram.ts`. */
export async function startRanks(size: number, folder: string, pause = 0): Promise<RankProcess[]> {
  const port = await freePort();
  const program = fileURLToPath(new URL('./rankProgram.ts', import.meta.url));
  return Array.from({ length: size }, (_, rank) => {
    const child = spawn(process.execPath, ['--import', tsx, program, folder, String(pause)], {
      env: { ...process.env, RANK: `${rank}`, WORLD_SIZE: `${size}`, MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${port}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    return {
      child,
      output: () => output,
      step: () => Number(/step (\d+)\n(?!.*step )/s.exec(output)?.[1] ?? 0),
      ended: new Promise((resolve) => child.on('close', resolve)),
    };
  });
}

/** Resolves when a rank has made a step, or has ended. */
export async function reached({ step, child }: RankProcess, wanted: number): Promise<void> {
  while (step() < wanted && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** What a kill led to. */
export interface Killed {
  /** The others, with what they said, and the seconds until they had ended. */
  others: { rank: number; code: number | null; said: string; seconds: number }[];
}

/** Sends a signal to one rank, and waits for the others to end. */
export async function kill(ranks: readonly RankProcess[], victim: number, signal: NodeJS.Signals): Promise<Killed> {
  const started = Date.now();
  ranks[victim].child.kill(signal);
  const others = await Promise.all(
    ranks.flatMap(({ ended, output }, rank) =>
      rank === victim
        ? []
        : [ended.then((code) => ({ rank, code, said: output(), seconds: (Date.now() - started) / 1000 }))],
    ),
  );
  ranks[victim].child.kill('SIGKILL');
  await ranks[victim].ended;
  return { others };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

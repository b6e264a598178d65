import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtLibrary } from '../../testing/builtLibrary.js';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Both, as they came. */
  output: string;
}

export interface RunOptions {
  cwd?: string | undefined;
  /** Milliseconds. Default 50,000. */
  timeout?: number | undefined;
  env?: Record<string, string | undefined> | undefined;
  /** Is told all output so far whenever there is more, and may signal the process. */
  onOutput?: ((output: string, kill: (signal: NodeJS.Signals) => void) => void) | undefined;
}

/** Runs `stridenet` with arguments, as built from its sources and at its tiny size; what it prints is piped. */
export async function stridenet(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { cwd = tmpdir(), env = {}, timeout = 50_000, onOutput = () => undefined } = options;
  const program = join(await builtLibrary(), 'dist/cli.js');
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, STRIDENET_TINY: '1', CIFAR10_DIR: '', FORCE_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout,
    killSignal: 'SIGKILL',
  });
  const ended: Ended = { code: null, stdout: '', stderr: '', output: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      ended[name] += text;
      ended.output += text;
      onOutput(ended.output, (signal) => child.kill(signal));
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ended, code }));
  });
}

/** The content of every file in and under a folder, by its path there. */
export function bytesIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path) => [path.slice(folder.length), readFileSync(path).toString('base64')]),
  );
}

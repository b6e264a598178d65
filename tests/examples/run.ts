import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtProgram } from '../../testing/builtLibrary.js';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

export interface Ended {
  code: number | null;
  output: string;
}

/** Runs an example at its tiny size in a folder of its own; `onOutput` sees all output so far and may signal the process. */
export async function runExample(
  name: string,
  args: string[],
  cwd: string,
  onOutput: (output: string, kill: (signal: NodeJS.Signals) => void) => void = () => undefined,
): Promise<Ended> {
  const env = { ...process.env, STRIDENET_TINY: '1', CIFAR10_DIR: '' };
  const child = spawn(process.execPath, [await builtProgram(join(examples, name)), ...args], {
    cwd,
    env,
    timeout: 50_000,
    killSignal: 'SIGKILL',
  });
  let output = '';
  const listen = (data: Buffer): void => {
    output += data;
    onOutput(output, (signal) => child.kill(signal));
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

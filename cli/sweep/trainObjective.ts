import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type RunContent, readRun } from '../../src/node/index.js';
import type { Study, TrialResult } from '../../src/study/index.js';
import { TRIAL } from '../endsWithParent.js';
import { CommandError, kebab } from '../flags.js';
import { CHECKPOINTS } from '../runs/runFolder.js';
import type { SweepConfig } from './config.js';
import type { Objective } from './objective.js';

/** Milliseconds between looks at what a training has recorded. */
const LOOK_MS = 200;

/** Trials that are `stridenet train` or `stridenet recipe` in a process of their own, with the configuration as flags. */
export function commandObjective({ train, recipe }: SweepConfig, { objectives }: Study): Objective {
  const { name, ...fixed } = train === undefined ? (recipe ?? {}) : { name: undefined, ...train };
  const words = train === undefined ? ['recipe', String(name)] : ['train'];
  const [first] = Object.keys(objectives);
  return async (config, { report, signal, folder }) => {
    const flags = { ...fixed, ...config, out: folder, resume: existsSync(join(folder, CHECKPOINTS)) };
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1], ...words, ...flagWords(flags)], {
      // Through the channel the training notices when its worker is killed.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, [TRIAL]: '1' },
    });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-2000);
    });
    const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    // Like Ctrl-C: it saves a checkpoint first.
    signal.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
    const look = async (): Promise<RunContent | null> => {
      const run = await readRun(folder).catch(() => null);
      for (const epoch of run?.epochs ?? []) {
        const value = (epoch as unknown as Record<string, unknown>)[first];
        if (!signal.aborted && typeof value === 'number') report(epoch.epoch, value);
      }
      return run;
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    const code = await ended.finally(() => clearInterval(timer));
    const run = await look();
    if (signal.aborted) return Number.NaN;
    if (code !== 0 || run === null) throw new CommandError(errors.trim() || `the training ended with code ${code}.`);
    return Object.fromEntries(Object.keys(objectives).map((name) => [name, measure(run, name)])) satisfies TrialResult;
  };
}

/** A number that a run came to: that of its last epoch, or `seconds` and `parameters` of the whole. */
function measure({ epochs, info }: RunContent, name: string): number {
  if (name === 'parameters') return info.model.parameters;
  if (name === 'seconds') return epochs.reduce((sum, { seconds }) => sum + seconds, 0);
  const value = (epochs.at(-1) as unknown as Record<string, unknown> | undefined)?.[name];
  if (typeof value === 'number') return value;
  throw new CommandError(
    `the run has no '${name}'. Objectives of a training are parameters, seconds and what its epochs record, such as validationAccuracy.`,
  );
}

function flagWords(flags: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    if (value === true) return [`--${kebab(name)}`];
    return value === false || value === undefined ? [] : [`--${kebab(name)}`, String(value)];
  });
}

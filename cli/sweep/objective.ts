import { pathToFileURL } from 'node:url';
import type { ReportAnswer, Study, Trial, TrialResult } from '../../src/study/index.js';
import { CommandError } from '../flags.js';
import type { SweepConfig } from './config.js';
import { commandObjective } from './trainObjective.js';

/** What an objective gets besides the configuration. */
export interface TrialContext {
  /** Reports the value of the first objective after a step, and tells what to do. Other answers than 'continue' also abort `signal`. */
  report(step: number, value: number): ReportAnswer;
  /** Aborted when the trial is to end. */
  signal: AbortSignal;
  /** A folder for checkpoints and results, the same in every attempt. */
  folder: string;
  /** The step up to which to go for now. Undefined: to the end. */
  until: number | undefined;
  /** 1 for the first attempt. */
  attempt: number;
}

/** Runs a trial and returns its result. What it returns after `signal` was aborted does not count. */
export type Objective = (config: Trial['config'], context: TrialContext) => TrialResult | Promise<TrialResult>;

/** What the trials of a sweep are. */
export async function loadObjective(config: SweepConfig, study: Study): Promise<Objective> {
  if (config.objective === undefined) return commandObjective(config, study);
  const module = (await import(pathToFileURL(config.objective).href)) as Record<string, unknown>;
  const found = module.objective ?? module.default;
  if (typeof found === 'function') return found as Objective;
  throw new CommandError(
    `${config.objective} exports ${Object.keys(module).join(', ') || 'nothing'}, but must export a function 'objective'.`,
  );
}

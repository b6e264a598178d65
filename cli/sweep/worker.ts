import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Study, Trial } from '../../src/study/index.js';
import type { SweepConfig } from './config.js';
import { loadObjective, type Objective } from './objective.js';

/** Milliseconds between looks for a trial where others work on all that are left. */
const IDLE_MS = 200;

/** The name of the worker that is process `pid` of this machine. */
export function workerName(pid: number): string {
  return `${hostname()}:${pid}`;
}

/** The process of this machine with that name; undefined for workers of other machines. */
export function pidOf(worker: string | undefined): number | undefined {
  const name = `${hostname()}:`;
  return worker?.startsWith(name) ? Number(worker.slice(name.length)) : undefined;
}

/** Works on trials until all are over, or `stop` is aborted. */
export async function workOn(config: SweepConfig, study: Study, out: string, stop: AbortSignal): Promise<void> {
  const objective = await loadObjective(config, study);
  while (!stop.aborted) {
    const trial = study.ask({ worker: workerName(process.pid) });
    if (trial !== null) await workOnTrial(trial, study, objective, out, stop);
    else if (study.isDone) return;
    else await sleep(IDLE_MS);
  }
}

async function workOnTrial(
  trial: Trial,
  study: Study,
  objective: Objective,
  out: string,
  stop: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const { key, attempt, until } = trial;
  try {
    const result = await objective(trial.config, {
      report(step, value) {
        const answer = study.report(trial, step, value);
        if (answer !== 'continue') ended.abort();
        return answer;
      },
      signal: AbortSignal.any([ended.signal, stop]),
      folder: join(out, 'trials', key),
      attempt,
      until,
    });
    if (ended.signal.aborted) return;
    if (stop.aborted) study.requeue(trial, 'interrupted');
    else study.tell(trial, result);
  } catch (error) {
    if (ended.signal.aborted) return;
    if (stop.aborted) study.requeue(trial, 'interrupted');
    else study.fail(trial, error instanceof Error ? error.message : String(error));
  }
}

import type { TrialResult } from '../objectives.js';
import type { ReportAnswer } from '../study.js';
import type { Trial } from '../trials.js';

/** What an objective can do besides returning a result. */
export interface RemoteTrialContext {
  /**
   * Sends the value of the first objective after a step. The answer is what is known at once: 'continue', or 'pause' at the step `until` of the trial;
   * when the study stops the trial later, `signal` tells.
   */
  report(step: number, value: number): ReportAnswer;
  /** Aborted when the trial is to end: it won't win, another worker has it, or this one is stopping. */
  signal: AbortSignal;
}

/** Runs a trial and returns its result. What it returns after `signal` was aborted does not count. `trial.attempt` is above 1 after a worker died. */
export type RemoteObjective = (
  trial: Trial,
  context: RemoteTrialContext,
) => TrialResult | undefined | Promise<TrialResult | undefined>;

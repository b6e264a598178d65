import type { Configuration } from './space.js';

/**
 * Where a trial stands: being tried; to be handed out again; waiting for its rivals at a rung; ended with a result; ended early by the pruner;
 * ended by an error.
 */
export type TrialState = 'running' | 'waiting' | 'paused' | 'done' | 'pruned' | 'failed';

/** A configuration to try, as `ask` hands it out. It is plain data, which can be sent to another process. */
export interface Trial {
  /** The hash of the configuration: what results are recorded under. */
  readonly key: string;
  /** Which trial of the study it is, from 0. */
  readonly number: number;
  /** The value of each active parameter. */
  readonly config: Configuration;
  /** 1 for the first attempt; more when an earlier one was given up or paused. */
  readonly attempt: number;
  /** The step up to which to go for now. Undefined: to the end. */
  readonly until?: number | undefined;
  /** Set where `until` is the end of the trial, and no rung at which it pauses. */
  readonly isLast?: boolean | undefined;
}

/** A trial and what came of it. */
export interface TrialInfo extends Trial {
  /** Where it stands. */
  readonly state: TrialState;
  /** What was reported, in the order in which it came. */
  readonly reports: readonly { step: number; value: number | null }[];
  /** The value of each objective, once it is done. */
  readonly values?: Readonly<Record<string, number>> | undefined;
  /** Why it failed. */
  readonly reason?: string | undefined;
  /** Who has it or had it last. */
  readonly worker?: string | undefined;
  /** The last sign of life, in milliseconds since 1970. */
  readonly at: number;
}

/** A trial as the state of a study changes it. */
export type MutableTrial = { -readonly [K in keyof TrialInfo]: TrialInfo[K] } & {
  reports: { step: number; value: number | null }[];
  steps: Set<number>;
  scores: number[];
};

/** Whether nothing more can come. */
export function isOver(state: TrialState): boolean {
  return state === 'done' || state === 'pruned' || state === 'failed';
}

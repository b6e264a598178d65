import { DataError } from '../../base/errors.js';
import { version } from '../../base/version.js';
import type { TrialResult } from '../objectives.js';
import type { ReportAnswer } from '../study.js';
import type { Trial } from '../trials.js';

/** A value at a step; null for one that is not finite. */
export type Report = readonly [step: number, value: number | null];

/** What a job carries to a worker. */
export interface TrialJob {
  /** The version of the library that handed it out. */
  version: string;
  /** The fingerprint of the study. */
  study: string;
  /** Who runs the study. */
  home: string;
  trial: Trial;
  /** Set when the trial is to end early. */
  answer?: ReportAnswer | undefined;
}

/** What a worker records while it works. */
export interface TrialProgress {
  /** The workers that began, in order: more than one when some of them died. */
  starts: readonly string[];
  reports: readonly Report[];
}

/** What came of a job: a result, a failure, or neither where the trial was told to end early. */
export interface TrialOutcome {
  reports: readonly Report[];
  result?: TrialResult | undefined;
  failure?: string | undefined;
}

/** One job per attempt, whoever adds it and how often. */
export function jobIdOf({ key, attempt }: { key: string; attempt: number }): string {
  return `${key}-${attempt}`;
}

/** The name of a study's queue on the server. */
export function queueNameOf(name: string): string {
  return `stridenet-${name}`;
}

/** The progress of a job; nothing where no worker has begun. */
export function progressOf(job: { progress: unknown }): TrialProgress {
  const { starts = [], reports = [] } = (
    typeof job.progress === 'object' ? job.progress : {}
  ) as Partial<TrialProgress>;
  return { starts, reports };
}

/** Throws `DataError` for a job that this worker must not do: one of another version, or of another study. */
export function checkJob(data: TrialJob, queue: string, fingerprint: string | undefined): void {
  if (data.version !== version) {
    throw new DataError(
      `workOnTrials: the trials in '${queue}' are handed out by stridenet ${data.version}, but this worker has ${version}. Install the same version on all machines.`,
    );
  }
  if (fingerprint !== undefined && data.study !== fingerprint) {
    throw new DataError(
      `workOnTrials: the trials in '${queue}' are those of study ${data.study}, but this worker is meant for ${fingerprint}. Start it with the configuration that the sweep has, or with the name of another queue.`,
    );
  }
}

import type { Job } from 'bullmq';
import type { ReportAnswer } from '../study.js';
import { progressOf, type Report, type TrialJob, type TrialOutcome } from './messages.js';
import type { RemoteObjective } from './remoteObjective.js';

type TrialJobHandle = Job<TrialJob, TrialOutcome>;

/** A trial at work, and its job in the queue. */
export class RemoteTrial {
  /** Above 1 when an earlier attempt paused, or its worker died. */
  readonly attempt: number;
  readonly #job: TrialJobHandle;
  readonly #starts: readonly string[];
  readonly #reports: Report[];
  readonly #stop: AbortSignal;
  readonly #reload: () => Promise<TrialJobHandle | undefined>;
  readonly #ended = new AbortController();
  #answer: ReportAnswer = 'continue';
  #isLost = false;
  #isSaved = true;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    job: TrialJobHandle,
    worker: string,
    stop: AbortSignal,
    reload: () => Promise<TrialJobHandle | undefined>,
  ) {
    const { starts, reports } = progressOf(job);
    this.#job = job;
    this.#starts = [...starts, worker];
    this.#reports = [...reports];
    this.attempt = job.data.trial.attempt + starts.length;
    this.#stop = stop;
    this.#reload = reload;
    if (job.data.answer !== undefined) this.#end(job.data.answer);
  }

  /** What came of it; null when the worker is stopping or has lost it, so that another one has to do it. */
  async run(objective: RemoteObjective): Promise<TrialOutcome | null> {
    await this.#save();
    const { trial } = this.#job.data;
    const signal = AbortSignal.any([this.#ended.signal, this.#stop]);
    let outcome: Pick<TrialOutcome, 'result' | 'failure'> = {};
    try {
      if (!signal.aborted) {
        const context = { report: (step: number, value: number) => this.#report(step, value), signal };
        outcome = { result: await objective({ ...trial, attempt: this.attempt }, context) };
      }
    } catch (error) {
      outcome = { failure: error instanceof Error ? error.message : String(error) };
    }
    await this.#saving;
    if (this.#isLost) throw new Error('another worker has this trial');
    if (this.#answer !== 'continue') return { reports: this.#reports };
    return this.#stop.aborted ? null : { reports: this.#reports, ...outcome };
  }

  /** Sends what was reported, and looks whether the study has an answer. */
  async look(): Promise<void> {
    if (!this.#isSaved) await this.#save();
    const job = await this.#reload();
    if (job?.data.answer !== undefined) this.#end(job.data.answer);
  }

  /** The queue has given some jobs to others. */
  lose(ids: readonly string[]): void {
    if (!ids.includes(this.#job.id as string)) return;
    this.#isLost = true;
    this.#end('stop');
  }

  /** Puts the job back, as if this worker had not begun. */
  async giveBack(token: string | undefined): Promise<void> {
    await this.#job.updateProgress({ starts: this.#starts.slice(0, -1), reports: this.#reports });
    await this.#job.moveToWait(token);
  }

  #report(step: number, value: number): ReportAnswer {
    if (this.#answer !== 'continue') return this.#answer;
    if (!this.#reports.some(([known]) => known === step)) {
      this.#reports.push([step, Number.isFinite(value) ? value : null]);
      this.#isSaved = false;
    }
    const { until, isLast } = this.#job.data.trial;
    if (until !== undefined && step >= until && isLast !== true) this.#end('pause');
    return this.#answer;
  }

  #end(answer: ReportAnswer): void {
    this.#answer = answer;
    this.#ended.abort();
  }

  /** One after the other, so that an older state never overwrites a newer one. */
  #save(): Promise<void> {
    this.#isSaved = true;
    const state = { starts: this.#starts, reports: [...this.#reports] };
    this.#saving = this.#saving
      .then(() => this.#job.updateProgress(state))
      .catch(() => {
        this.#isSaved = false;
      });
    return this.#saving;
  }
}

import type { Job } from 'bullmq';
import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { DataError } from '../../base/errors.js';
import { version } from '../../base/version.js';
import type { ReportAnswer, Study } from '../study.js';
import { isOver, type Trial, type TrialInfo } from '../trials.js';
import { openServer } from './connection.js';
import { jobIdOf, progressOf, queueNameOf, type Report, type TrialJob, type TrialOutcome } from './messages.js';
import { Outage } from './outage.js';
import { pause } from './pause.js';

/** Options of `distributeTrials`. */
export interface DistributeOptions {
  /** The server: `redis://host:port` or `postgres://user:password@host/database`. */
  url: string;
  /** The name of the queue: workers of this name get the trials. Default 'study'. */
  name?: string | undefined;
  /** Who runs the study, such as the folder of its journal: two that share a name by mistake are told apart by it. Default 'study'. */
  home?: string | undefined;
  /** Trials in the queue or at work at a time. Default: one more than there are workers. */
  ahead?: number | undefined;
  /** Workers that may die over a trial before it counts as failed. Default 3. */
  deaths?: number | undefined;
  /** Seconds to wait for a server that is gone. Default 600. */
  patience?: number | undefined;
  /** Ends early when aborted; what is in the queue stays there. */
  signal?: AbortSignal | undefined;
  /** Is told of a server that is gone or back. Default: nothing. */
  onNote?: ((note: string) => void) | undefined;
  /** Is called after each look at the queue. */
  onLook?: (() => void) | undefined;
}

/** Milliseconds between looks at the queue. */
const LOOK_MS = 150;
/** Milliseconds between counts of the workers. */
const COUNT_MS = 3000;
/** Milliseconds after an outage in which trials that begin again are no sign of death. */
const GRACE_MS = 60_000;

/** A trial that was handed to the queue. */
interface Errand {
  trial: Trial;
  /** Starts that were no deaths. */
  forgiven: number;
}

/**
 * Runs a study whose trials are carried to workers by BullMQ, over Redis or PostgreSQL, until all are over. Start workers with `workOnTrials` or
 * `stridenet worker`, on any machine and at any time.
 *
 * The journal of the study stays here and is the only truth: the queue may lose everything, deliver twice or be gone for a while. A trial whose
 * worker died is given to another one. When this process is killed, start it again with the same journal.
 *
 * Throws `DataError` when BullMQ is not installed, when the server has not answered for `patience` seconds, and when the queue is another study's.
 */
export async function distributeTrials(study: Study, options: DistributeOptions): Promise<void> {
  checkOptions('distributeTrials', options, OPTIONS);
  const { url, name = 'study', patience = 600, signal, onNote = () => undefined, onLook = () => undefined } = options;
  if (options.ahead !== undefined) checkWhole('distributeTrials', 'ahead', options.ahead, 1);
  checkWhole('distributeTrials', 'deaths', options.deaths ?? 3, 1);
  const { classes, connection, shown } = await openServer('distributeTrials', url);
  const outage = new Outage('distributeTrials', shown, patience, onNote);
  const queue = new classes.Queue<TrialJob, TrialOutcome>(queueNameOf(name), { connection });
  queue.on('error', outage.heard);
  const distribution = new Distribution(study, queue, options);
  try {
    await outage.persist(() => distribution.begin(), signal);
    while (!signal?.aborted && !(distribution.isEmpty && study.isDone)) {
      await outage.persist(() => distribution.look(), signal);
      onLook();
      await pause(LOOK_MS, signal);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    // A server that is gone would keep close() waiting.
    await Promise.race([queue.close(), pause(1000)]).catch(() => undefined);
    queue.disconnect().catch(() => undefined);
  }
}

const OPTIONS = ['url', 'name', 'home', 'ahead', 'deaths', 'patience', 'signal', 'onNote', 'onLook'];

type TrialJobHandle = Job<TrialJob, TrialOutcome>;
interface TrialQueue {
  add(name: string, data: TrialJob, options: object): Promise<unknown>;
  getJob(id: string): Promise<TrialJobHandle | undefined>;
  getJobs(): Promise<TrialJobHandle[]>;
  getWorkersCount(): Promise<number>;
}

/** The trials of a study that are in a queue. */
class Distribution {
  readonly #study: Study;
  readonly #queue: TrialQueue;
  readonly #options: DistributeOptions;
  readonly #errands = new Map<string, Errand>();
  #ahead = 1;
  #counted = 0;
  #looked = 0;
  #graceUntil = 0;

  constructor(study: Study, queue: TrialQueue, options: DistributeOptions) {
    this.#study = study;
    this.#queue = queue;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#errands.size === 0;
  }

  /** Takes up what an earlier process left in the queue. */
  async begin(): Promise<void> {
    for (const trial of this.#study.trials.filter(({ state }) => state === 'running')) this.#expect(trial);
    const { name = 'study' } = this.#options;
    for (const job of await this.#queue.getJobs()) {
      const { study, home } = job.data;
      if (study !== this.#study.fingerprint || home !== this.#home) {
        throw new DataError(
          `distributeTrials: the queue '${name}' has trials of another study, which ${home} runs. Choose another name, or remove the jobs of '${queueNameOf(name)}' from the server.`,
        );
      }
      if (!this.#errands.has(job.id as string)) await job.remove().catch(() => undefined);
    }
  }

  /** Collects what workers have recorded, and hands out what there is to do. */
  async look(): Promise<void> {
    const now = Date.now();
    // Looks come every LOOK_MS, unless the server did not answer.
    if (this.#looked > 0 && now - this.#looked > 20 * LOOK_MS) this.#graceUntil = now + GRACE_MS;
    await this.#count(now);
    while (this.#errands.size < this.#ahead) {
      const trial = this.#study.ask({ worker: 'queue' });
      if (trial === null) break;
      this.#expect(trial);
    }
    const jobs = await Promise.all([...this.#errands.keys()].map((id) => this.#queue.getJob(id)));
    const errands = [...this.#errands];
    for (const [i, [id, errand]] of errands.entries()) await this.#follow(id, errand, jobs[i]);
    const infos = new Map(this.#study.trials.map((info) => [info.key, info]));
    for (const [i, [id, { trial }]] of errands.entries()) {
      const job = jobs[i];
      if (job !== undefined && this.#errands.has(id)) await this.#answer(job, infos.get(trial.key) as TrialInfo);
    }
    this.#looked = Date.now();
  }

  get #home(): string {
    return this.#options.home ?? 'study';
  }

  #expect({ key, number, config, attempt, until, isLast }: Trial): void {
    const trial = { key, number, config, attempt, until, isLast };
    this.#errands.set(jobIdOf(trial), { trial, forgiven: 0 });
  }

  async #count(now: number): Promise<void> {
    if (this.#options.ahead !== undefined) this.#ahead = this.#options.ahead;
    else if (now - this.#counted > COUNT_MS) {
      this.#ahead = 1 + (await this.#queue.getWorkersCount());
      this.#counted = now;
    }
  }

  async #follow(id: string, errand: Errand, job: TrialJobHandle | undefined): Promise<void> {
    const { trial } = errand;
    if (job === undefined) {
      const data: TrialJob = { version, study: this.#study.fingerprint, home: this.#home, trial };
      await this.#queue.add('trial', data, { jobId: id, removeOnComplete: false, removeOnFail: false });
    } else if (job.finishedOn !== undefined && job.returnvalue != null) {
      this.#conclude(trial, job.returnvalue);
      this.#errands.delete(id);
      await job.remove().catch(() => undefined);
    } else if (job.finishedOn !== undefined) {
      // Given up by BullMQ, not by the objective: it is handed out anew.
      await job.remove();
    } else {
      const { starts, reports } = progressOf(job);
      // The report that ends an attempt counts when the worker has let go of the trial, since another one may get it then.
      this.#report(
        trial,
        reports.filter(([step]) => trial.until === undefined || trial.isLast || step < trial.until),
      );
      if (Date.now() < this.#graceUntil) errand.forgiven = starts.length;
      const deaths = Math.max(0, starts.length - errand.forgiven - 1);
      if (deaths >= (this.#options.deaths ?? 3)) {
        this.#study.fail(trial, `its worker died ${deaths} times`);
      }
    }
  }

  #report(trial: Trial, reports: readonly Report[]): ReportAnswer {
    for (const [step, value] of reports) {
      const answer = this.#study.report(trial, step, value ?? Number.NaN);
      if (answer !== 'continue') return answer;
    }
    return 'continue';
  }

  #conclude(trial: Trial, { reports, result, failure }: TrialOutcome): void {
    if (this.#report(trial, reports) !== 'continue') return;
    if (failure !== undefined) this.#study.fail(trial, failure);
    else if (result == null) this.#study.fail(trial, 'it ended without a result');
    else {
      try {
        this.#study.tell(trial, result);
      } catch (error) {
        this.#study.fail(trial, (error as Error).message);
      }
    }
  }

  /** Tells a worker that its trial won't win. */
  async #answer(job: TrialJobHandle, info: TrialInfo): Promise<void> {
    const isOld = info.attempt > job.data.trial.attempt;
    if (job.data.answer !== undefined || (info.state === 'running' && !isOld)) return;
    const answer = isOver(info.state) || isOld ? 'stop' : 'pause';
    // One that waits for a worker is of no use any more.
    const isTaken = job.processedOn !== undefined;
    if (!isTaken) {
      this.#errands.delete(job.id as string);
      await job.remove().catch(() => undefined);
    } else await job.updateData({ ...job.data, answer });
  }
}

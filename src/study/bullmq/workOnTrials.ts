import type { Job, Worker } from 'bullmq';
import { checkWhole } from '../../base/check.js';
import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import { openServer } from './connection.js';
import { checkJob, queueNameOf, type TrialJob, type TrialOutcome } from './messages.js';
import { Outage } from './outage.js';
import { pause } from './pause.js';
import type { RemoteObjective } from './remoteObjective.js';
import { RemoteTrial } from './remoteTrial.js';

/** Options of `workOnTrials`. */
export interface WorkOptions {
  /** The server: `redis://host:port` or `postgres://user:password@host/database`. */
  url: string;
  /** The name of the queue, as the study has it. Default 'study'. */
  name?: string | undefined;
  /** Who works, for people who look at the queue. Default: a random name. */
  worker?: string | undefined;
  /** `fingerprint` of the study: trials of other studies are refused. Default: all are taken. */
  fingerprint?: string | undefined;
  /** Seconds without a sign of life after which others take over a trial of this worker. Default 30. */
  silence?: number | undefined;
  /** Seconds without a trial after which the worker ends. Default: never. */
  idle?: number | undefined;
  /** Seconds to wait for a server that is gone. Default 600. */
  patience?: number | undefined;
  /** Ends the worker when aborted: the present trial goes back to the queue. */
  signal?: AbortSignal | undefined;
  /** Is told what the worker does. Default: nothing. */
  onNote?: ((note: string) => void) | undefined;
}

const OPTIONS = ['url', 'name', 'worker', 'fingerprint', 'silence', 'idle', 'patience', 'signal', 'onNote'];
/** Milliseconds between looks at the clock and at the server. */
const LOOK_MS = 500;

/**
 * Works on the trials of a queue, one at a time, until `signal` is aborted or there has been none for `idle` seconds. See `distributeTrials`.
 *
 * Throws `DataError` when BullMQ is not installed, when the server has not answered for `patience` seconds, and for trials of another version or study.
 */
export async function workOnTrials(objective: RemoteObjective, options: WorkOptions): Promise<void> {
  checkOptions('workOnTrials', options, OPTIONS);
  const { url, name = 'study', fingerprint, idle = Number.POSITIVE_INFINITY, patience = 600, signal } = options;
  const { onNote = () => undefined, worker: title = `worker-${crypto.randomUUID().slice(0, 8)}` } = options;
  const silence = checkWhole('workOnTrials', 'silence', options.silence ?? 30, 1);
  if (!(idle > 0)) throw new ArgumentError(`workOnTrials: idle is ${idle}, but must be a number of seconds above 0.`);
  const { classes, connection, shown } = await openServer('workOnTrials', url);
  const outage = new Outage('workOnTrials', shown, patience, onNote);
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  signal?.addEventListener('abort', onAbort);
  let failure: Error | undefined;
  let present: RemoteTrial | undefined;
  let lastTrial = Date.now();
  /** Outcomes that the queue could not take: they are delivered when it offers the trial again. */
  const undelivered = new Map<string, TrialOutcome>();

  const process = async (job: Job<TrialJob, TrialOutcome>, token: string | undefined): Promise<TrialOutcome> => {
    lastTrial = Date.now();
    const id = job.id as string;
    const kept = undelivered.get(id);
    if (kept !== undefined) return kept;
    const trial = new RemoteTrial(job, title, stop.signal, () => queue.getJob(id));
    const giveBack = async (): Promise<never> => {
      await trial.giveBack(token);
      const error = new Error('given back');
      // How BullMQ knows that the job is in the queue again.
      error.name = 'WaitingError';
      throw error;
    };
    try {
      checkJob(job.data, name, fingerprint);
    } catch (error) {
      failure = error as Error;
      stop.abort();
      return giveBack();
    }
    if (stop.signal.aborted) return giveBack();
    present = trial;
    try {
      onNote(`trial ${job.data.trial.number}, attempt ${trial.attempt}: begins`);
      const outcome = await trial.run(objective);
      present = undefined;
      if (outcome === null) return await giveBack();
      undelivered.set(id, outcome);
      return outcome;
    } finally {
      present = undefined;
      lastTrial = Date.now();
    }
  };

  const queue = new classes.Queue<TrialJob, TrialOutcome>(queueNameOf(name), { connection });
  const worker = new classes.Worker<TrialJob, TrialOutcome>(queueNameOf(name), process, {
    connection,
    name: title.replaceAll(/[^\w.-]/g, '-'),
    autorun: false,
    lockDuration: 1000 * silence,
    stalledInterval: 500 * silence,
    // How often a trial may be taken up again is for the study to say.
    maxStalledCount: 1_000_000,
    runRetryDelay: 1000,
    drainDelay: 1,
  });
  queue.on('error', outage.heard);
  worker.on('error', outage.heard);
  worker.on('completed', ({ id }) => undelivered.delete(id as string));
  worker.on('lockRenewalFailed', (ids) => present?.lose(ids));
  try {
    await outage.persist(async () => queue.getJobCounts(), signal);
    const running = worker.run().catch((error: Error) => {
      failure ??= error;
      stop.abort();
    });
    while (!stop.signal.aborted && !signal?.aborted) {
      await pause(LOOK_MS, stop.signal);
      await outage.persist(
        async () => (present === undefined ? queue.getJobCounts('wait') : present.look()),
        stop.signal,
      );
      if (present === undefined && Date.now() - lastTrial > 1000 * idle) break;
    }
    stop.abort();
    // It may have a checkpoint to save.
    while (present !== undefined) await pause(50);
    await closeWorker(worker, running);
  } catch (error) {
    if (!signal?.aborted && !stop.signal.aborted) failure ??= error as Error;
    stop.abort();
    await closeWorker(worker, Promise.resolve());
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await Promise.race([queue.close(), pause(1000)]).catch(() => undefined);
    queue.disconnect().catch(() => undefined);
  }
  if (failure !== undefined) throw failure;
}

/** Lets the present trial end, but does not wait for a server that is gone. */
async function closeWorker(worker: Pick<Worker, 'close' | 'disconnect'>, running: Promise<unknown>): Promise<void> {
  await Promise.race([worker.close().then(() => running), pause(5000)]).catch(() => undefined);
  worker.disconnect().catch(() => undefined);
}

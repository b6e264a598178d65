import type { Queue } from 'bullmq';
import { sha256 } from '../records.js';
import { aborted, type JobQueue, optionalPackage, type Topics } from './jobQueue.js';

/** A job that fails is tried again; an item is never given up. */
const ATTEMPTS = 1_000_000;

/** A queue of BullMQ, on Redis. */
export async function openBullQueue(url: string, name: string, lease: number): Promise<JobQueue> {
  const { bull, Redis } = await optionalPackage(async () => {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bull: bullmq, Redis: ioredis.Redis };
  }, 'bullmq ioredis');
  // BullMQ wants to wait for a server that restarts, however long that takes.
  const connect = () => new Redis(url, { maxRetriesPerRequest: null });
  const connection = connect();
  const queues = new Map<keyof Topics, Queue>();
  const queueOf = (topic: keyof Topics): Queue => {
    let queue = queues.get(topic);
    if (queue === undefined) queues.set(topic, (queue = new bull.Queue(`${name}-${topic}`, { connection })));
    return queue;
  };
  return {
    async send(topic, jobs) {
      const opts = { attempts: ATTEMPTS, removeOnComplete: true, backoff: { type: 'fixed', delay: 1000 } };
      const idOf = (job: Topics[typeof topic]): string => sha256('item' in job ? String(job.item) : job.id);
      // A job that waits already is not added again.
      await queueOf(topic).addBulk(jobs.map((data) => ({ name: topic, data, opts: { ...opts, jobId: idOf(data) } })));
    },
    async work(topic, handler, signal) {
      const own = connect();
      const worker = new bull.Worker<Topics[typeof topic]>(`${name}-${topic}`, async ({ data }) => handler(data), {
        connection: own,
        lockDuration: 1000 * lease,
        stalledInterval: Math.min(30_000, 500 * lease),
        maxStalledCount: ATTEMPTS,
      });
      worker.on('error', (error) => console.error(`queue ${name}: ${error.message}`));
      await aborted(signal);
      await worker.close();
      own.disconnect();
    },
    async close() {
      for (const queue of queues.values()) await queue.close();
      connection.disconnect();
    },
  };
}

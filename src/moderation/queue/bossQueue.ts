import { aborted, type JobQueue, optionalPackage, type Topics } from './jobQueue.js';

/** Jobs that are fetched at a time. */
const BATCH = 16;
/** A job that fails is tried again; an item is never given up. */
const RETRIES = 1_000_000;

/** A queue of pg-boss, on PostgreSQL. */
export async function openBossQueue(url: string, name: string, lease: number): Promise<JobQueue> {
  const { default: PgBoss } = await optionalPackage(() => import('pg-boss'), 'pg-boss');
  const boss = new PgBoss({ connectionString: url, maintenanceIntervalSeconds: Math.max(1, Math.round(lease / 2)) });
  boss.on('error', (error) => console.error(`queue ${name}: ${error.message}`));
  await boss.start();
  const nameOf = (topic: keyof Topics): string => `${name}-${topic}`;
  for (const topic of ['items', 'decisions'] as const) {
    const found = await boss.getQueue(nameOf(topic));
    if (found === null) {
      await boss.createQueue(nameOf(topic), {
        name: nameOf(topic),
        retryLimit: RETRIES,
        retryDelay: 1,
        expireInSeconds: lease,
      });
    }
  }
  return {
    async send(topic, jobs) {
      await boss.insert(
        jobs.map((data) => ({
          name: nameOf(topic),
          data: { ...data },
          retryLimit: RETRIES,
          retryDelay: 1,
          expireInSeconds: lease,
        })),
      );
    },
    async work(topic, handler, signal) {
      const worker = await boss.work<Topics[typeof topic]>(
        nameOf(topic),
        { batchSize: BATCH, pollingIntervalSeconds: 0.5 },
        async (jobs) => {
          for (const { data } of jobs) await handler(data);
        },
      );
      await aborted(signal);
      await boss.offWork({ id: worker });
    },
    async close() {
      await boss.stop({ graceful: true, wait: true });
    },
  };
}

import { createHash } from 'node:crypto';
import { ReviewStore } from '../src/moderation/store/reviewStore.js';

/*
 * A worker that decides about everything in a store, for tests that kill it: node --import tsx testing/moderationWorker.ts STORE BATCH LEASE [MS].
 * Each item takes MS milliseconds.
 * What it decides depends on the name of the item alone, so any worker decides the same.
 */
const [path, batch, lease, ms = '0'] = process.argv.slice(2);
const store = await ReviewStore.open(path);
for (;;) {
  const items = store.take(String(process.pid), Number(batch), Number(lease));
  if (Number(ms) > 0) await new Promise((resolve) => setTimeout(resolve, items.length * Number(ms)));
  const decisions = items.map(({ id: item }) => {
    const isUnsure = createHash('sha256').update(item).digest()[0] < 8;
    return { item, action: isUnsure ? 'review' : 'allow', worker: process.pid } as const;
  });
  store.decide(decisions, ({ action }) => action === 'review');
  if (items.length > 0) continue;
  const { waiting, working } = store.counts();
  if (waiting + working === 0) break;
  // What another worker took comes back when its lease ends.
  await new Promise((resolve) => setTimeout(resolve, 50));
}
store.close();

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Decision,
  openQueue,
  ReviewStore,
  recordFromQueue,
  sendWaiting,
  workOnQueue,
} from '../../../src/moderation/index.js';
import { servers } from '../../../testing/queueServers.js';

const decision = (item: string): Decision => ({
  ...{ item, action: 'allow', reason: 'thresholds', scores: {}, photo: '', model: '', preprocessing: {}, at: '' },
  policy: { name: '', version: '', sha256: '' },
});

describe.each(['Redis', 'PostgreSQL'] as const)('a queue on %s', (kind) => {
  const start = servers[kind];
  test.skipIf(start === undefined)(
    'carries items to workers and decisions back, each recorded once',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'stridenet-queue-'));
      const server = await (start as NonNullable<typeof start>)();
      const store = await ReviewStore.open(join(folder, 'store.db'));
      store.add(Array.from({ length: 30 }, (_, i) => ({ id: `item ${i}`, source: 'none' })));
      const [here, there] = [await openQueue(server.url), await openQueue(server.url)];
      const stop = new AbortController();
      let failures = 3;
      const moderator = {
        // Some work fails, and some is done twice.
        decide: async (item: string): Promise<Decision> => {
          if (failures-- > 0) throw new Error('the worker is out of luck');
          if (/5$/.test(item)) await there.send('decisions', [decision(item)]);
          return decision(item);
        },
      };
      const work = [workOnQueue(there, moderator, stop), recordFromQueue(here, store, stop)];
      expect(await sendWaiting(store, here)).toBe(30);
      await expect.poll(() => store.counts().decided, { timeout: 20_000, interval: 50 }).toBe(30);
      stop.abort();
      await Promise.all(work);
      expect(new Set([...store.decisions()].map(({ item }) => item)).size).toBe(30);
      expect(store.problem()).toBeUndefined();
      await Promise.all([here.close(), there.close()]);
      store.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
    60_000,
  );
});

describe('openQueue', () => {
  test('refuses addresses and options that make no sense', async () => {
    await expect(openQueue('mysql://x')).rejects.toThrow(
      "the address is 'mysql://x', but must begin with redis:// or postgres://.",
    );
    await expect(openQueue('redis://x', { lease: 0 })).rejects.toThrow('lease is 0');
    await expect(openQueue('redis://x', { name: 'a b' })).rejects.toThrow("name is 'a b'");
  });
});

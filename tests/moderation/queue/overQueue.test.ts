import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
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

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const decision = (item: string): Decision => ({
  ...{ item, action: 'allow', reason: 'thresholds', scores: {}, photo: '', model: '', preprocessing: {}, at: '' },
  policy: { name: '', version: '', sha256: '' },
});

describe('a queue', () => {
  test.skipIf(!hasRedis)(
    'carries items to workers and decisions back, each recorded once',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'stridenet-queue-'));
      const port = await freePort();
      const redis = spawn('redis-server', ['--port', String(port), '--dir', folder, '--save', '']);
      await new Promise((ready) => redis.stdout.on('data', (text) => /Ready to accept/.test(String(text)) && ready(0)));
      const store = await ReviewStore.open(join(folder, 'store.db'));
      store.add(Array.from({ length: 30 }, (_, i) => ({ id: `item ${i}`, source: 'none' })));
      const [here, there] = [
        await openQueue(`redis://127.0.0.1:${port}`),
        await openQueue(`redis://127.0.0.1:${port}`),
      ];
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
      redis.kill();
      await new Promise((ended) => redis.once('exit', ended));
      rmSync(folder, { recursive: true });
    },
    60_000,
  );

  test('refuses addresses and options that make no sense', async () => {
    await expect(openQueue('mysql://x')).rejects.toThrow(
      "the address is 'mysql://x', but must begin with redis:// or postgres://.",
    );
    await expect(openQueue('redis://x', { lease: 0 })).rejects.toThrow('lease is 0');
    await expect(openQueue('redis://x', { name: 'a b' })).rejects.toThrow("name is 'a b'");
  });
});

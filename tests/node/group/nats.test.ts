import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProcessGroup } from '../../../src/distributed/processGroup.js';
import { type CreateGroupOptions, createGroup } from '../../../src/node/group/createGroup.js';

/** The server of the Debian package nats-server, which is no JavaScript. */
const program = ['nats-server', '/usr/sbin/nats-server'].find((path) => spawnSync(path, ['--version']).status === 0);
if (program === undefined)
  console.warn('nats.test.ts is skipped: there is no nats-server (apt-get install nats-server).');

let server: ChildProcess;
let url: string;

beforeAll(async () => {
  if (program === undefined) return;
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  server = spawn(program, ['--addr', '127.0.0.1', '--port', String(port)], { stdio: 'ignore' });
  url = `nats://127.0.0.1:${port}`;
});

afterAll(async () => {
  if (server === undefined) return;
  server.kill();
  await once(server, 'exit');
});

let meetings = 0;

/** Starts ranks that meet at a place of their own. */
function start(
  ranks: readonly (Partial<CreateGroupOptions> & { rank: number; size?: number })[],
): Promise<ProcessGroup>[] {
  meetings++;
  return ranks.map(({ rank, size = ranks.length, ...options }) =>
    createGroup({
      nats: url,
      secret: 's',
      joinSeconds: 20,
      ...options,
      env: { RANK: `${rank}`, WORLD_SIZE: `${size}`, MASTER_ADDR: 'meeting', MASTER_PORT: `${meetings}` },
    }),
  );
}

const message = (result: PromiseSettledResult<unknown>): string =>
  result.status === 'rejected' ? (result.reason as Error).message : 'no error';

describe.skipIf(program === undefined)('a group over NATS', () => {
  test.each([2, 4])('sums over %i ranks, also what is larger than the window', async (size) => {
    const groups = await Promise.all(start(Array.from({ length: size }, (_, rank) => ({ rank }))));
    for (const length of [3, 6_000_000]) {
      const arrays = groups.map((_, rank) => new Float32Array(length).fill(rank + 1));
      await Promise.all(groups.map((group, rank) => group.allReduce(arrays[rank])));
      const sum = (size * (size + 1)) / 2;
      for (const array of arrays) expect(array.every((value) => value === sum)).toBe(true);
    }
    await Promise.all(groups.map((group) => group.close()));
  });

  test('refuses other secrets and world sizes', async () => {
    const secrets = await Promise.allSettled(
      start([
        { rank: 0, joinSeconds: 2 },
        { rank: 1, secret: 'x', joinSeconds: 2 },
      ]),
    );
    expect(message(secrets[1])).toContain('rank 1 cannot join the group: the secret differs. Set STRIDENET_SECRET');
    expect(message(secrets[0])).toContain('Turned away: a process whose secret differs.');
    for (const result of await Promise.allSettled(start([{ rank: 0 }, { rank: 1, size: 4 }]))) {
      expect(message(result)).toContain('rank 1 was started as one of 4 ranks, and rank 0 as one of 2.');
    }
  });

  test('ignores what a stranger publishes', async () => {
    const stranger = await connect({ servers: url });
    const heard: string[] = [];
    stranger.subscribe('>', { callback: (_error, { subject }) => void heard.push(subject) });
    await stranger.flush();
    const groups = await Promise.all(start([{ rank: 0 }, { rank: 1 }]));
    const sum = async (): Promise<void> => {
      const arrays = groups.map(() => Float32Array.from([1, 2]));
      await Promise.all(groups.map((group, rank) => group.allReduce(arrays[rank])));
      for (const array of arrays) expect([...array]).toEqual([2, 4]);
    };
    await sum();
    await stranger.flush();
    const subjects = [...new Set(heard)].filter((subject) => subject.endsWith('.data'));
    expect(subjects).toHaveLength(2);
    for (const subject of subjects) for (const length of [1, 64, 80]) stranger.publish(subject, new Uint8Array(length));
    await stranger.flush();
    await sum();
    await stranger.close();
    await Promise.all(groups.map((group) => group.close()));
  });

  test('says when the server is not there', async () => {
    const [waiting] = start([{ rank: 0, size: 2, nats: 'nats://127.0.0.1:9', joinSeconds: 0.5 }]);
    await expect(waiting).rejects.toThrow('no NATS server answers at nats://127.0.0.1:9 after 0.5 seconds');
  });
});

import { connect, createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { ProcessGroup } from '../../../src/distributed/processGroup.js';
import { type CreateGroupOptions, createGroup } from '../../../src/node/group/createGroup.js';

/** A port that nobody uses at present. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Rank extends Omit<CreateGroupOptions, 'env'> {
  rank?: number;
  size?: number;
}

function start(port: number, { rank = 0, size = 2, ...options }: Rank): Promise<ProcessGroup> {
  const env = { RANK: `${rank}`, WORLD_SIZE: `${size}`, MASTER_ADDR: '127.0.0.1', MASTER_PORT: `${port}` };
  return createGroup({ secret: 's', joinSeconds: 20, ...options, env });
}

const message = (result: PromiseSettledResult<unknown>): string =>
  result.status === 'rejected' ? (result.reason as Error).message : 'no error';

async function messages(ranks: readonly Rank[]): Promise<string[]> {
  const port = await freePort();
  const results = await Promise.allSettled(ranks.map((rank) => start(port, rank)));
  for (const result of results) if (result.status === 'fulfilled') await result.value.close();
  return results.map(message);
}

describe('createGroup', () => {
  test.each([2, 4])('connects %i ranks, which sum and gather', async (size) => {
    const port = await freePort();
    // The last comes first: ranks wait for rank 0.
    const late = Array.from({ length: size - 1 }, (_, i) => start(port, { rank: i + 1, size }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const groups = await Promise.all([start(port, { rank: 0, size }), ...late]);
    const arrays = groups.map((_, rank) => new Float32Array(200_000).fill(rank + 1));
    await Promise.all(groups.map((group, rank) => group.allReduce(arrays[rank])));
    const sum = (size * (size + 1)) / 2;
    for (const array of arrays) expect(array.every((value) => value === sum)).toBe(true);
    const all = await Promise.all(groups.map((group, rank) => group.gather(Uint8Array.from([rank]))));
    for (const list of all) expect(list.map(([rank]) => rank)).toEqual([...groups.keys()]);
    await Promise.all(groups.map((group) => group.close()));
  });

  test('loses nothing that rank 0 sends at once', async () => {
    for (let k = 0; k < 20; k++) {
      const port = await freePort();
      const summed = [0, 1].map(async (rank) => {
        const group = await start(port, { rank });
        const x = Float32Array.of(rank + 1);
        await group.allReduce(x);
        return { group, sum: x[0] };
      });
      const both = await Promise.all(summed);
      expect(both.map(({ sum }) => sum)).toEqual([3, 3]);
      await Promise.all(both.map(({ group }) => group.close()));
    }
  });

  test('is a group of one where nothing has started ranks', async () => {
    const group = await createGroup({ env: {} });
    expect([group.rank, group.size]).toEqual([0, 1]);
    await group.allReduce(new Float32Array(3));
    await group.close();
  });

  test('refuses a rank with another secret, which learns why', async () => {
    const [zero, one] = await messages([
      { rank: 0, joinSeconds: 1.5 },
      { rank: 1, secret: 'other', joinSeconds: 1.5 },
    ]);
    expect(one).toMatch(
      /^createGroup: rank 1 cannot join 127\.0\.0\.1:\d+: the secret differs\. Set STRIDENET_SECRET to the same text for all ranks/,
    );
    expect(zero).toMatch(
      /rank 0 has waited 1\.5 seconds, and rank 1 of 2 has not joined\. Connections turned away: .*127\.0\.0\.1, because its secret differs/,
    );
  });

  test('refuses another world size on both sides', async () => {
    const both = await messages([{ rank: 0 }, { rank: 1, size: 4 }]);
    for (const text of both) {
      expect(text).toContain('rank 1 was started as one of 4 ranks, and rank 0 as one of 2. Set WORLD_SIZE');
    }
  });

  test('refuses another cut of the batches, and a rank that is there twice', async () => {
    for (const text of await messages([{ rank: 0 }, { rank: 1, microBatches: 16 }])) {
      expect(text).toContain('rank 1 cuts batches into 16 parts, and rank 0 into 8.');
    }
    const twice = await messages([
      { rank: 0, size: 4 },
      { rank: 1, size: 4 },
      { rank: 1, size: 4 },
    ]);
    expect(twice[0]).toContain('two processes say that they are rank 1');
  });

  test('says when the port is in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await expect(start(port, {})).rejects.toThrow(
      `createGroup: rank 0 cannot listen on port ${port}: another process uses it. Set MASTER_PORT to a free port for all ranks.`,
    );
    server.close();
  });

  test('gives up when rank 0 is not there, and when others are missing', async () => {
    const port = await freePort();
    await expect(start(port, { rank: 1, joinSeconds: 0.5 })).rejects.toThrow(
      /rank 1 has tried for 0\.5 seconds to reach 127\.0\.0\.1:\d+ \(ECONNREFUSED\)\. Is rank 0 running there/,
    );
    await expect(start(port, { rank: 0, joinSeconds: 0.2 })).rejects.toThrow('rank 1 of 2 has not joined.');
  });

  test('needs a secret where other machines can join', async () => {
    const env = { RANK: '0', WORLD_SIZE: '2', MASTER_ADDR: '10.0.0.1' };
    await expect(createGroup({ env })).rejects.toThrow(
      'createGroup: MASTER_ADDR is 10.0.0.1, which other machines can reach, but there is no secret. Set STRIDENET_SECRET',
    );
  });

  test('gives strangers nothing, survives their noise, and forms around them', async () => {
    const port = await freePort();
    const zero = start(port, { rank: 0 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const noise: [Buffer, string][] = [
      [Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'text'],
      // A header that announces 4 GB.
      [Buffer.from([255, 255, 255, 255, 0, 0, 0, 0, 16, 0, 0, 0]), 'a huge frame'],
      [Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0]), Buffer.from('{}')]), 'no proof'],
    ];
    for (const [bytes] of noise) {
      const heard = await new Promise<string>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
        let all = '';
        socket.on('data', (chunk) => {
          all += chunk.toString('latin1');
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(all));
      });
      // The challenge, and that the secret differs: nothing of rank, size or machine.
      expect(heard).not.toMatch(/"rank"|"size"|process/);
    }
    const groups = await Promise.all([zero, start(port, { rank: 1 })]);
    await Promise.all(groups.map((group) => group.close()));
  });

  test('notices at once when a process closes its connections', async () => {
    const port = await freePort();
    const [zero, one] = await Promise.all([start(port, { rank: 0 }), start(port, { rank: 1 })]);
    zero.lastCommonStep = 7;
    const waiting = zero.gather(new Uint8Array(1));
    one.abort('rank 1 was told to stop');
    await expect(waiting).rejects.toThrow('rank 1 was told to stop. The last step that all 2 ranks have made is 7.');
    await Promise.all([zero.close(), one.close()]);
  });
});

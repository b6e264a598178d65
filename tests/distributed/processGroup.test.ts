import { describe, expect, test } from 'vitest';
import { ProcessGroup } from '../../src/distributed/processGroup.js';
import { memoryGroup } from '../../testing/memoryGroup.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array): string => new TextDecoder().decode(data);

describe('ProcessGroup', () => {
  test('gathers what each rank passes, in the order of ranks', async () => {
    const { ranks } = memoryGroup(4);
    const all = await Promise.all(ranks.map((member, rank) => member.gather(bytes('x'.repeat(rank)))));
    for (const list of all) expect(list.map(text)).toEqual(['', 'x', 'xx', 'xxx']);
  });

  test('broadcasts from rank 0, also what is larger than a frame', async () => {
    const { ranks } = memoryGroup(2);
    const large = Uint8Array.from({ length: 2 ** 21 + 7 }, (_, i) => i % 251);
    const [, received] = await Promise.all(
      ranks.map((member, rank) => member.broadcast(rank === 0 ? large : bytes(''))),
    );
    expect(Buffer.compare(received, large)).toBe(0);
  });

  test('names the rank that died, and the last common step, on all others', async () => {
    const { ranks, kill } = memoryGroup(4);
    for (const member of ranks) member.lastCommonStep = 41;
    const waiting = [0, 1, 3].map((rank) => ranks[rank].gather(bytes('')));
    const settled = Promise.allSettled(waiting);
    kill(2);
    for (const result of await settled) {
      expect(String((result as PromiseRejectedResult).reason)).toBe(
        'GroupError: The group has stopped: rank 2 (memory 2) is gone: its connection closed. The last step that all 4 ranks have made is 41. Start all ranks again; a run that saves checkpoints goes on from the newest one.',
      );
    }
    await expect(ranks[0].gather(bytes(''))).rejects.toThrow('rank 2');
    expect(() => ranks[0].send(1, 1, bytes(''))).toThrow('rank 2');
  });

  test('takes a rank that is silent for hung', async () => {
    const { ranks, hang } = memoryGroup(2, { timeoutSeconds: 0.4 });
    for (const member of ranks) member.watch(true);
    const waiting = ranks[0].gather(bytes(''));
    await new Promise((resolve) => setTimeout(resolve, 200));
    hang(1);
    const started = Date.now();
    await expect(waiting).rejects.toThrow(/rank 1 \(memory 1\) has given no sign of life for 0\.\d seconds/);
    expect(Date.now() - started).toBeLessThan(2000);
    for (const member of ranks) member.watch(false);
  });

  test('passes on why a rank gave up', async () => {
    const { ranks } = memoryGroup(4);
    const settled = Promise.allSettled([0, 1, 2].map((rank) => ranks[rank].gather(bytes(''))));
    ranks[3].abort('rank 3 has lost its data');
    for (const result of await settled) {
      expect(String((result as PromiseRejectedResult).reason)).toContain('rank 3 has lost its data');
    }
  });

  test('lets nobody wait for a rank that has left', async () => {
    const { ranks } = memoryGroup(2);
    await ranks[1].close();
    await expect(ranks[0].gather(bytes(''))).rejects.toThrow('rank 1 (memory 1) has left the group');
    await expect(ranks[1].gather(bytes(''))).rejects.toThrow('The group is closed.');
  });

  test('refuses ranks and parts that do not make a binary tree', () => {
    const of = (size: number, microBatches?: number) => () => memoryGroup(size, { microBatches });
    expect(of(3)).toThrow(
      'createGroup: 3 ranks cannot share the 8 parts of a batch evenly in a binary tree. Start 1, 2, 4, 8 ranks.',
    );
    expect(of(16)).toThrow('Pass microBatches: 16 on all ranks; results then differ from those of 8 parts.');
    expect(of(2, 6)).toThrow('createGroup: microBatches is 6, but must be a power of 2: 8, 16, 32, ...');
    expect(of(16, 16)).not.toThrow();
    expect(() => new ProcessGroup({ size: 1 } as never, { timeoutSeconds: 0 })).toThrow('timeoutSeconds is 0');
  });
});

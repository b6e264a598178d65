import { ProcessGroup, type ProcessGroupOptions } from '../src/distributed/processGroup.js';
import type { Frame, Transport, TransportListener } from '../src/distributed/transport.js';

/** Ranks in this process, and what can happen to them. */
export interface MemoryGroup {
  ranks: ProcessGroup[];
  /** The rank's connections close, as when its process dies. */
  kill(rank: number): void;
  /** The rank sends nothing any more, as when its process is stopped. */
  hang(rank: number): void;
}

/** A group whose ranks are all in this process. Frames are copied and arrive later, in order. */
export function memoryGroup(size: number, options: ProcessGroupOptions = {}): MemoryGroup {
  const listeners: TransportListener[] = [];
  const dead = new Set<number>();
  const silent = new Set<number>();
  const transport = (rank: number): Transport => ({
    rank,
    size,
    mostBytes: 2 ** 20,
    send(to: number, { kind, tag, payload }: Frame) {
      if (dead.has(rank) || silent.has(rank)) return;
      const copy = payload.slice();
      setImmediate(() => {
        if (!dead.has(rank) && !dead.has(to)) listeners[to].frame(rank, { kind, tag, payload: copy });
      });
    },
    listen: (listener) => {
      listeners[rank] = listener;
    },
    describe: (other) => `memory ${other}`,
    close: () => Promise.resolve(),
  });
  const ranks = Array.from({ length: size }, (_, rank) => new ProcessGroup(transport(rank), options));
  return {
    ranks,
    kill(rank) {
      dead.add(rank);
      for (let to = 0; to < size; to++) if (to !== rank) listeners[to].gone(rank, 'its connection closed');
    },
    hang: (rank) => void silent.add(rank),
  };
}

import type { Transport } from '../../distributed/transport.js';

/** That of a group of one process, which has nobody to talk to. */
export function soloTransport(): Transport {
  return {
    rank: 0,
    size: 1,
    mostBytes: 2 ** 22,
    send: () => undefined,
    listen: () => undefined,
    describe: () => `process ${process.pid}`,
    close: () => Promise.resolve(),
  };
}

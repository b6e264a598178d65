import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { JobQueue } from './jobQueue.js';

/** Options of `openQueue`. */
export interface OpenQueueOptions {
  /** Tells queues on one server apart. Default 'stridenet'. */
  name?: string | undefined;
  /** Seconds after which a job whose worker is silent goes to another one. Default 60. */
  lease?: number | undefined;
}

/**
 * Opens a queue on a server: `redis://` with the packages bullmq and ioredis, `postgres://` with pg-boss.
 *
 * Throws `ArgumentError` for another kind of address or without these packages, and what the connection throws.
 *
 * @example
 * const queue = await openQueue('redis://queue.example');
 */
export async function openQueue(url: string, options: OpenQueueOptions = {}): Promise<JobQueue> {
  checkOptions('openQueue', options, ['name', 'lease']);
  const { name = 'stridenet', lease = 60 } = options;
  if (!/^[\w-]+$/.test(name)) {
    throw new ArgumentError(`openQueue: name is '${name}', but must be of letters, digits, - and _.`);
  }
  if (!(lease >= 1)) throw new ArgumentError(`openQueue: lease is ${lease}, but must be at least 1 second.`);
  const protocol = /^(rediss?|postgres(?:ql)?):\/\//.exec(url)?.[1];
  if (protocol === undefined) {
    throw new ArgumentError(`openQueue: the address is '${url}', but must begin with redis:// or postgres://.`);
  }
  if (protocol.startsWith('redis')) {
    const { openBullQueue } = await import('./bullQueue.js');
    return openBullQueue(url, name, lease);
  }
  const { openBossQueue } = await import('./bossQueue.js');
  return openBossQueue(url, name, lease);
}

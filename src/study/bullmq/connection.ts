import type { BackendClasses, IQueueBackend } from 'bullmq';
import { ArgumentError, DataError } from '../../base/errors.js';

/** The classes of BullMQ for one kind of server, and what they connect to. */
export interface QueueServer {
  classes: BackendClasses<IQueueBackend, object>;
  connection: object;
  /** The server without its password, for messages. */
  shown: string;
}

/** Milliseconds between attempts to reach a server. */
const AGAIN_MS = 1000;

/**
 * Loads BullMQ and the driver for a server: `redis://`, `rediss://`, `postgres://` or `postgresql://`.
 *
 * Throws `ArgumentError` for other addresses, and `DataError` for a package that is not installed.
 */
export async function openServer(who: string, url: string): Promise<QueueServer> {
  const shown = readAddress(who, url);
  const isPostgres = /^postgres(ql)?:/.test(url);
  const driver = isPostgres ? 'pg' : 'ioredis';
  const { withBackend, createPostgresBackend, createRedisBackend } = await load(who, 'bullmq', () => import('bullmq'));
  // BullMQ loads the driver itself, but says less when it is missing.
  await load(who, driver, () => (isPostgres ? import('pg' as string) : import('ioredis')));
  const classes = isPostgres ? withBackend(createPostgresBackend) : withBackend(createRedisBackend);
  const connection = isPostgres
    ? { connectionString: url, migrate: true, max: 4 }
    : { url, maxRetriesPerRequest: null, retryStrategy: () => AGAIN_MS };
  return { classes: classes as unknown as QueueServer['classes'], connection, shown };
}

function readAddress(who: string, url: string): string {
  const example = 'Pass one such as redis://127.0.0.1:6379 or postgres://user:password@127.0.0.1/database.';
  if (!/^(rediss?|postgres(ql)?):\/\//.test(url)) {
    throw new ArgumentError(`${who}: '${url}' is no address of a Redis or PostgreSQL server. ${example}`);
  }
  try {
    const address = new URL(url);
    address.password = '';
    return address.href;
  } catch (cause) {
    throw new ArgumentError(`${who}: the address of the queue cannot be read. ${example}`, { cause });
  }
}

async function load<T>(who: string, name: string, imported: () => Promise<T>): Promise<T> {
  try {
    return await imported();
  } catch (cause) {
    throw new DataError(`${who}: the package '${name}' cannot be loaded. Install it with: npm install ${name}`, {
      cause,
    });
  }
}

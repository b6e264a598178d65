import { createHash, createHmac, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { NatsConnection } from '@nats-io/transport-node';
import { ArgumentError, GroupError } from '../../base/errors.js';
import { version } from '../../base/version.js';
import { checkHello, type Hello, isProof, PROTOCOL, prove, type Refusal, SECRET_DIFFERS } from './handshake.js';
import { Inbox, NatsTransport } from './natsTransport.js';
import type { Meeting } from './rendezvous.js';

/** Milliseconds between two attempts to be heard. */
const AGAIN = 300;
/** A message of the handshake is no longer than that. */
const MOST = 65_536;

/** What a rank says when it joins. */
interface Join {
  hello: string;
  nonce: string;
  proof: string;
}

/**
 * The meeting of the ranks on a NATS server: each proves to rank 0 that it knows the secret, and gets the names of all ranks from it, and a proof in
 * turn. The key of the messages that follow is made from the secret and a random number of each rank.
 *
 * Throws as `meet` does.
 */
export async function meetOverNats(meeting: Meeting, server: string): Promise<NatsTransport> {
  const { place, secret } = meeting;
  const connection = await reach(server, meeting);
  // Groups on one server are told apart by where rank 0 would listen.
  const session = createHash('sha256').update(`${place.host}:${place.port}`).digest('hex').slice(0, 24);
  const subject = (rank: number): string => `stridenet.${session}.${rank}`;
  const own: Hello = {
    protocol: PROTOCOL,
    version,
    rank: place.rank,
    size: place.size,
    microBatches: meeting.microBatches,
    port: 0,
    name: `${hostname()}, process ${process.pid}`,
  };
  const hello = JSON.stringify(own);
  const nonce = randomBytes(32).toString('hex');
  const join: Join = { hello, nonce, proof: prove(secret, ['join', nonce, hello]) };
  const dataSubject = (rank: number): string => `${subject(rank)}.data`;
  const inbox = new Inbox();
  connection.subscribe(dataSubject(own.rank), {
    callback: (error, message) => {
      if (error === null) inbox.put(message.data);
    },
  });
  try {
    const joins = await (place.rank === 0 ? gather : follow)({ connection, subject, meeting, own, join });
    const key = createHmac('sha256', secret)
      .update(joins.map((other) => other.nonce).join())
      .digest();
    const names = joins.map((other) => (JSON.parse(other.hello) as Hello).name);
    const { rank, size } = own;
    return new NatsTransport({ connection, subject: dataSubject, inbox, rank, size, names, key });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

interface Side {
  connection: NatsConnection;
  subject: (rank: number) => string;
  meeting: Meeting;
  own: Hello;
  join: Join;
}

/** Rank 0: waits until all have joined, then tells them. */
async function gather({ connection, subject, meeting, own, join }: Side): Promise<Join[]> {
  const { secret, joinSeconds } = meeting;
  const joins = new Map<number, Join>([[0, join]]);
  const refused = new Set<string>();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      const missing = Array.from({ length: own.size }, (_, rank) => rank).filter((rank) => !joins.has(rank));
      const turned = refused.size === 0 ? '' : ` Turned away: ${[...refused].join('; ')}.`;
      reject(
        new GroupError(
          `createGroup: rank 0 has waited ${joinSeconds} seconds, and rank ${missing.join(', ')} of ${own.size} has not joined.${turned} Start all ranks with the same MASTER_ADDR, MASTER_PORT and NATS server, or pass a larger joinSeconds.`,
        ),
      );
    }, 1000 * joinSeconds);
    connection.subscribe(subject(0), {
      callback: (_error, message) => {
        const other = parse<Join>(message.data);
        if (other === null || typeof other.hello !== 'string') return;
        if (!isProof(other.proof, secret, ['join', String(other.nonce), other.hello])) {
          refused.add('a process whose secret differs');
          connection.publish(`${subject(0)}.refused`, encode({ nonce: other.nonce, refused: SECRET_DIFFERS }));
          return;
        }
        const said = JSON.parse(other.hello) as Hello;
        const there = joins.get(said.rank);
        if (there?.nonce === other.nonce) return;
        try {
          checkHello(own, said, there && (JSON.parse(there.hello) as Hello));
        } catch (error) {
          clearTimeout(timer);
          const why = (error as Refusal).message;
          connection.publish(`${subject(0)}.refused`, encode({ nonce: other.nonce, refused: why }));
          reject(new GroupError(`createGroup: a rank does not fit: ${why}.`, { cause: error }));
          return;
        }
        joins.set(said.rank, other);
        if (joins.size < own.size) return;
        clearTimeout(timer);
        resolve();
      },
    });
  });
  const all = Array.from({ length: own.size }, (_, rank) => joins.get(rank) as Join);
  const text = JSON.stringify(all);
  connection.publish(`${subject(0)}.roster`, encode({ text, proof: prove(secret, ['roster', text]) }));
  await connection.flush();
  return all;
}

/** The others: make themselves heard until rank 0 answers. */
async function follow({ connection, subject, meeting, own, join }: Side): Promise<Join[]> {
  const { secret, joinSeconds } = meeting;
  let timers: ReturnType<typeof setTimeout>[] = [];
  try {
    return await new Promise<Join[]>((resolve, reject) => {
      connection.subscribe(`${subject(0)}.roster`, {
        callback: (_error, message) => {
          const roster = parse<{ text: string; proof: string }>(message.data);
          if (roster === null || !isProof(roster.proof, secret, ['roster', String(roster.text)])) return;
          const joins = JSON.parse(roster.text) as Join[];
          // That of an earlier meeting has another number of this rank.
          if (joins[own.rank]?.nonce === join.nonce) resolve(joins);
        },
      });
      connection.subscribe(`${subject(0)}.refused`, {
        callback: (_error, message) => {
          const answer = parse<{ nonce: string; refused: string }>(message.data);
          if (answer?.nonce !== join.nonce) return;
          reject(new GroupError(`createGroup: rank ${own.rank} cannot join the group: ${answer.refused}.`));
        },
      });
      const say = (): void => connection.publish(subject(0), encode(join));
      say();
      timers = [
        setInterval(say, AGAIN),
        setTimeout(
          () =>
            reject(
              new GroupError(
                `createGroup: rank ${own.rank} has waited ${joinSeconds} seconds for rank 0 on the NATS server. Is it running, with the same MASTER_ADDR and MASTER_PORT? Its own message may tell more.`,
              ),
            ),
          1000 * joinSeconds,
        ),
      ];
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

async function reach(server: string, { joinSeconds }: Meeting): Promise<NatsConnection> {
  let connect: typeof import('@nats-io/transport-node').connect;
  try {
    ({ connect } = await import('@nats-io/transport-node'));
  } catch (cause) {
    throw new ArgumentError(
      'createGroup: nats needs a package that is not installed. Run npm install @nats-io/transport-node.',
      { cause },
    );
  }
  const deadline = Date.now() + 1000 * joinSeconds;
  for (;;) {
    try {
      return await connect({ servers: server, reconnect: false, timeout: 5000 });
    } catch (cause) {
      if (Date.now() + AGAIN > deadline) {
        throw new GroupError(
          `createGroup: no NATS server answers at ${server} after ${joinSeconds} seconds (${(cause as Error).message}). Start one, or correct the address.`,
          { cause },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function parse<T>(bytes: Uint8Array): T | null {
  if (bytes.length > MOST) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' ? (value as T) : null;
  } catch {
    return null;
  }
}

import { connect, createServer, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { GroupError } from '../../base/errors.js';
import { version } from '../../base/version.js';
import type { Place } from '../../distributed/launchVariables.js';
import { BufferPool } from './bufferPool.js';
import { FrameSocket } from './frameSocket.js';
import { acceptPeer, checkHello, type Hello, joinPeer, PROTOCOL, Refusal, STRANGER_LIMIT } from './handshake.js';
import { type Peer, TcpTransport } from './tcpTransport.js';

export interface Meeting {
  place: Place;
  secret: string;
  microBatches: number;
  /** Seconds that ranks wait for each other. */
  joinSeconds: number;
}

/** Connections that may be in their handshake at one time. */
const MOST_STRANGERS = 64;
const ROSTER = 17;

/**
 * Brings the ranks together: rank 0 listens where `place` tells, the others join it there and learn from it where each of them listens, and then
 * every pair of ranks has a connection.
 *
 * Throws `GroupError` when the port is taken, when rank 0 cannot be reached or ranks are missing after `joinSeconds`, and when a rank of another
 * version, world size or secret turns up.
 */
export async function meet(meeting: Meeting): Promise<TcpTransport> {
  const { place } = meeting;
  const pool = new BufferPool();
  const peers = new Map<number, Peer>();
  const name = `${hostname()}, process ${process.pid}`;
  const own: Hello = {
    protocol: PROTOCOL,
    version,
    rank: place.rank,
    size: place.size,
    microBatches: meeting.microBatches,
    port: 0,
    name,
  };
  const door = new Door(meeting, own, peers, pool);
  try {
    own.port = await door.open(place.rank === 0 ? place.port : 0);
    if (place.rank !== 0) {
      const master = await reach(meeting, place.host, place.port, own, pool);
      peers.set(0, master);
      const roster = await rosterFrom(master.link, meeting);
      door.watch(master);
      for (const { rank, host, port } of roster) {
        if (rank > 0 && rank < place.rank) peers.set(rank, await reach(meeting, host, port, own, pool));
      }
    }
    await door.full();
    if (place.rank === 0) sendRoster(peers, place);
  } catch (error) {
    for (const { link } of peers.values()) link.destroy('the group has not formed');
    throw error;
  } finally {
    door.close();
  }
  return new TcpTransport(place.rank, place.size, peers, pool, name);
}

/** Where the ranks above this one come in. */
class Door {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #refusals: string[] = [];
  #full: { resolve: () => void; reject: (error: unknown) => void } | null = null;
  #failure: GroupError | null = null;

  constructor(
    readonly meeting: Meeting,
    readonly own: Hello,
    readonly peers: Map<number, Peer>,
    readonly pool: BufferPool,
  ) {
    this.#server = createServer((socket) => void this.#welcome(socket));
  }

  /** Returns the port. */
  open(port: number): Promise<number> {
    const host = isLoopback(this.meeting.place.host) ? '127.0.0.1' : undefined;
    return new Promise((resolve, reject) => {
      this.#server.on('error', (cause: NodeJS.ErrnoException) => {
        const why = cause.code === 'EADDRINUSE' ? 'another process uses it' : cause.message;
        reject(
          new GroupError(
            `createGroup: rank ${this.own.rank} cannot listen on port ${port}: ${why}. Set MASTER_PORT to a free port for all ranks.`,
            { cause },
          ),
        );
      });
      this.#server.listen({ port, host }, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Resolves when all ranks above this one are here. */
  full(): Promise<void> {
    const { joinSeconds } = this.meeting;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const missing = this.#missing().join(', ');
        const refused = this.#refusals.length === 0 ? '' : ` Connections turned away: ${this.#refusals.join('; ')}.`;
        reject(
          new GroupError(
            `createGroup: rank ${this.own.rank} has waited ${joinSeconds} seconds, and rank ${missing} of ${this.own.size} has not joined.${refused} Start all ranks with the same MASTER_ADDR and MASTER_PORT, or pass a larger joinSeconds.`,
          ),
        );
      }, 1000 * joinSeconds);
      this.#full = {
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#look();
    });
  }

  /** Gives up when a rank that has joined is lost before all are here. */
  watch({ hello, link }: Peer): void {
    link.onClose = (reason) => this.#lose(hello, reason);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #missing(): number[] {
    const ranks = Array.from({ length: this.own.size - this.own.rank - 1 }, (_, i) => this.own.rank + 1 + i);
    return ranks.filter((rank) => !this.peers.has(rank));
  }

  #look(): void {
    if (this.#failure !== null) this.#full?.reject(this.#failure);
    else if (this.#missing().length === 0) this.#full?.resolve();
  }

  async #welcome(socket: Socket): Promise<void> {
    if (this.#sockets.size >= MOST_STRANGERS) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    const link = new FrameSocket(socket, STRANGER_LIMIT, this.pool);
    const from = socket.remoteAddress ?? 'an unknown address';
    try {
      const hello = await acceptPeer(link, this.meeting.secret, this.own, (said) =>
        checkHello(this.own, said, this.peers.get(said.rank)?.hello),
      );
      this.peers.set(hello.rank, { hello, link });
      this.watch({ hello, link });
      this.#look();
    } catch (error) {
      if (!socket.writableEnded) link.destroy('it was turned away');
      if (!(error instanceof Refusal)) throw error;
      // A stranger must not be able to end the group.
      if (!error.isMember) this.#refusals.push(`${from}, because ${error.message}`);
      else {
        this.#failure ??= new GroupError(`createGroup: a rank from ${from} does not fit: ${error.message}.`);
        this.#look();
      }
    } finally {
      this.#sockets.delete(socket);
    }
  }

  #lose({ rank, name }: Hello, reason: string): void {
    this.peers.delete(rank);
    this.#failure ??= new GroupError(
      `createGroup: rank ${rank} (${name}) is gone before all ranks had joined: ${reason}.`,
    );
    this.#look();
  }
}

/** A connection to a rank that listens, tried again until it does. */
async function reach(meeting: Meeting, host: string, port: number, own: Hello, pool: BufferPool): Promise<Peer> {
  const deadline = Date.now() + 1000 * meeting.joinSeconds;
  for (let wait = 50; ; wait = Math.min(1000, 2 * wait)) {
    let why: string;
    try {
      const link = new FrameSocket(await dial(host, port), STRANGER_LIMIT, pool);
      return { hello: await joinPeer(link, meeting.secret, own), link };
    } catch (error) {
      if (error instanceof Refusal && error.isMember) {
        throw new GroupError(`createGroup: rank ${own.rank} cannot join ${host}:${port}: ${error.message}.`, {
          cause: error,
        });
      }
      why = error instanceof Refusal ? error.message : ((error as NodeJS.ErrnoException).code ?? String(error));
    }
    if (Date.now() + wait > deadline) {
      throw new GroupError(
        `createGroup: rank ${own.rank} has tried for ${meeting.joinSeconds} seconds to reach ${host}:${port} (${why}). Is rank 0 running there, and does the network let this port through? Check MASTER_ADDR and MASTER_PORT, or pass a larger joinSeconds.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

function dial(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 5000 });
    socket.once('error', reject);
    socket.once('timeout', () => socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })));
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}

interface Address {
  rank: number;
  host: string;
  port: number;
}

/** Tells all ranks where each of them listens: under the address from which it came. */
function sendRoster(peers: ReadonlyMap<number, Peer>, place: Place): void {
  const roster: Address[] = [...peers].map(([rank, { hello, link }]) => {
    const from = link.socket.remoteAddress ?? place.host;
    return { rank, host: isLoopback(from) ? place.host : from, port: hello.port };
  });
  const payload = new TextEncoder().encode(JSON.stringify(roster));
  for (const { link } of peers.values()) link.send({ kind: ROSTER, tag: 0, payload });
}

function rosterFrom(link: FrameSocket, { joinSeconds }: Meeting): Promise<Address[]> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new GroupError(`createGroup: the group has not formed: ${why}.`));
    const timer = setTimeout(
      () => fail(`rank 0 has waited ${joinSeconds} seconds for other ranks`),
      1000 * joinSeconds,
    );
    link.onClose = (reason) => {
      clearTimeout(timer);
      fail(`rank 0 has given up, ${reason}. Its own message tells why`);
    };
    link.onFrame = ({ kind, payload }) => {
      if (kind !== ROSTER) return;
      // What comes right behind it belongs to the group.
      link.onFrame = null;
      clearTimeout(timer);
      resolve(JSON.parse(new TextDecoder().decode(payload)) as Address[]);
    };
  });
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^(::ffff:)?127\./.test(host);
}

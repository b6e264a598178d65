import type { Frame, Transport, TransportListener } from '../../distributed/transport.js';
import type { BufferPool } from './bufferPool.js';
import type { FrameSocket } from './frameSocket.js';
import type { Hello } from './handshake.js';

/** A rank at the other end of a connection that is authenticated. */
export interface Peer {
  hello: Hello;
  link: FrameSocket;
}

/** A connection to every other rank, over TCP. */
export class TcpTransport implements Transport {
  readonly mostBytes = 2 ** 22;
  #listener: TransportListener | null = null;
  #early: ((listener: TransportListener) => void)[] = [];

  constructor(
    readonly rank: number,
    readonly size: number,
    /** By rank; this one's place is empty. */
    readonly peers: ReadonlyMap<number, Peer>,
    readonly pool: BufferPool,
    readonly name: string,
  ) {
    for (const [rank, { link }] of peers) {
      link.onFrame = (frame) => this.#tell((listener) => listener.frame(rank, frame));
      link.sinkFor = (head) => this.#listener?.sink?.(rank, head) ?? null;
      link.onClose = (reason) => this.#tell((listener) => listener.gone(rank, reason));
    }
    this.hold(false);
  }

  send(to: number, frame: Frame): void {
    this.peers.get(to)?.link.send(frame);
  }

  async flush(to: number): Promise<void> {
    await this.peers.get(to)?.link.flush();
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    for (const tell of this.#early) tell(listener);
    this.#early = [];
  }

  describe(rank: number): string {
    return rank === this.rank ? this.name : (this.peers.get(rank)?.hello.name ?? 'unknown');
  }

  async close(): Promise<void> {
    await Promise.all([...this.peers.values()].map(({ link }) => link.end()));
  }

  release(payload: Uint8Array): void {
    this.pool.give(payload);
  }

  hold(alive: boolean): void {
    for (const { link } of this.peers.values()) {
      if (alive) link.socket.ref();
      else link.socket.unref();
    }
  }

  #tell(tell: (listener: TransportListener) => void): void {
    if (this.#listener === null) this.#early.push(tell);
    else tell(this.#listener);
  }
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Frame, Transport, TransportListener } from '../../distributed/transport.js';

const HEADER = 64;
/** Bytes that may be on their way to one rank: a NATS server cuts off readers that fall behind by 64 MB. */
const WINDOW = 2 ** 23;
/** A frame that tells how many bytes have arrived. */
const RECEIVED = 255;
/** Frames of this kind and above are signs of life and the like: they overtake. */
const FIRST_URGENT = 2;

/** The ranks of a group on one NATS server. Each listens on a subject of its own. */
export interface NatsMembers {
  connection: NatsConnection;
  /** The subject of a rank. */
  subject(rank: number): string;
  inbox: Inbox;
  rank: number;
  size: number;
  /** Where each rank runs. */
  names: readonly string[];
  /** Known to these ranks only, and made anew each time they meet. */
  key: Uint8Array;
}

/** Messages to this rank: it must hear before the others know that it is there. */
export class Inbox {
  readonly #early: Uint8Array[] = [];
  #reader: ((message: Uint8Array) => void) | null = null;

  put(message: Uint8Array): void {
    if (this.#reader === null) this.#early.push(message);
    else this.#reader(message);
  }

  set reader(reader: (message: Uint8Array) => void) {
    this.#reader = reader;
    for (const message of this.#early.splice(0)) reader(message);
  }
}

/** What is under way to and from one rank. */
interface Flow {
  queue: Frame[];
  sent: number;
  expected: number;
  onTheWay: number;
  received: number;
  flushing: (() => void)[];
}

/**
 * Frames as messages of a NATS server. A header of 64 bytes holds sender, number, tag and kind, and an HMAC-SHA-256 of all of it: what others
 * publish is ignored, and so is what was heard before. NATS does not notice when a process dies; the silence of a rank does.
 */
export class NatsTransport implements Transport {
  readonly mostBytes: number;
  readonly #flows: Flow[];
  readonly #early: [from: number, frame: Frame][] = [];
  #listener: TransportListener | null = null;
  #isClosing = false;

  constructor(readonly members: NatsMembers) {
    const { connection, inbox, rank, size } = members;
    this.mostBytes = Math.min(connection.info?.max_payload ?? 2 ** 20, 2 ** 20) - HEADER;
    this.#flows = Array.from({ length: size }, () => ({
      queue: [],
      sent: 0,
      expected: 0,
      onTheWay: 0,
      received: 0,
      flushing: [],
    }));
    inbox.reader = (message) => this.#read(message);
    void connection.closed().then(() => {
      if (this.#isClosing) return;
      for (let other = 0; other < size; other++) {
        if (other !== rank) this.#listener?.gone(other, 'the connection to the NATS server closed');
      }
    });
  }

  get rank(): number {
    return this.members.rank;
  }

  get size(): number {
    return this.members.size;
  }

  send(to: number, frame: Frame): void {
    if (frame.kind >= FIRST_URGENT) {
      this.#publish(to, frame);
      return;
    }
    this.#flows[to].queue.push(frame);
    this.#pump(to);
  }

  flush(to: number): Promise<void> {
    const flow = this.#flows[to];
    if (flow.queue.length === 0 || this.members.connection.isClosed()) return Promise.resolve();
    return new Promise((resolve) => flow.flushing.push(resolve));
  }

  listen(listener: TransportListener): void {
    this.#listener = listener;
    for (const [from, frame] of this.#early.splice(0)) listener.frame(from, frame);
  }

  describe(rank: number): string {
    return this.members.names[rank];
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await this.members.connection.drain();
  }

  /** Sends what the window has room for. */
  #pump(to: number): void {
    const flow = this.#flows[to];
    while (flow.queue.length > 0 && flow.onTheWay < WINDOW) {
      const frame = flow.queue.shift() as Frame;
      flow.onTheWay += frame.payload.length;
      this.#publish(to, frame);
    }
    if (flow.queue.length === 0) for (const resolve of flow.flushing.splice(0)) resolve();
  }

  #publish(to: number, { kind, tag, payload }: Frame): void {
    const { connection, rank, subject, key } = this.members;
    if (connection.isClosed() || connection.isDraining()) return;
    const message = new Uint8Array(HEADER + payload.length);
    const view = new DataView(message.buffer);
    view.setUint32(0, rank, true);
    view.setUint32(4, to, true);
    view.setUint32(8, this.#flows[to].sent++, true);
    view.setUint32(12, tag, true);
    message[16] = kind;
    message.set(payload, HEADER);
    message.set(sign(key, message), 32);
    connection.publish(subject(to), message);
  }

  #read(message: Uint8Array): void {
    const { rank, size, key } = this.members;
    if (message.length < HEADER) return;
    const view = new DataView(message.buffer, message.byteOffset);
    const [from, to, number] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
    if (to !== rank || from >= size || !timingSafeEqual(message.subarray(32, HEADER), sign(key, message))) return;
    const flow = this.#flows[from];
    if (number < flow.expected) return;
    if (number > flow.expected) {
      this.#listener?.gone(from, `messages ${flow.expected} to ${number - 1} from it were lost by the NATS server`);
      return;
    }
    flow.expected++;
    const kind = message[16];
    // A copy begins at a multiple of 4. The slice of a Buffer would be none.
    const payload = new Uint8Array(message.subarray(HEADER));
    if (kind === RECEIVED) {
      flow.onTheWay -= new DataView(payload.buffer).getUint32(0, true);
      this.#pump(from);
      return;
    }
    this.#acknowledge(from, flow, kind, payload.length);
    const frame = { kind, tag: view.getUint32(12, true), payload };
    if (this.#listener === null) this.#early.push([from, frame]);
    else this.#listener.frame(from, frame);
  }

  #acknowledge(from: number, flow: Flow, kind: number, bytes: number): void {
    if (kind >= FIRST_URGENT) return;
    flow.received += bytes;
    if (flow.received < WINDOW / 4) return;
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setUint32(0, flow.received, true);
    flow.received = 0;
    this.#publish(from, { kind: RECEIVED, tag: 0, payload });
  }
}

/** Of all but the place of the signature itself. */
function sign(key: Uint8Array, message: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(message.subarray(0, 32)).update(message.subarray(HEADER)).digest();
}

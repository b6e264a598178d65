import type { Socket } from 'node:net';
import type { Frame, FrameHead } from '../../distributed/transport.js';
import { BufferPool } from './bufferPool.js';

const HEADER = 12;

/**
 * Frames over a stream: 4 bytes length, 4 bytes tag, 1 byte kind, 3 bytes of zeros, then the payload; numbers are little-endian. What the
 * other side sends may not be longer than `limit`, so that a stranger cannot make this process allocate memory.
 */
export class FrameSocket {
  #onFrame: ((frame: Frame) => void) | null = null;
  #onClose: ((reason: string) => void) | null = null;
  readonly #early: Frame[] = [];
  readonly #header = new Uint8Array(HEADER);
  readonly #view = new DataView(this.#header.buffer);
  #filled = 0;
  #payload: Uint8Array | null = null;
  /** Where the present payload goes instead, and how much of it is to come. */
  #sink: ((piece: Uint8Array) => void) | null = null;
  #left = 0;
  /** Asked where a payload is to go; null collects it for a frame. */
  sinkFor: ((head: FrameHead) => ((piece: Uint8Array) => void) | null) | null = null;
  #reason: string | null = null;
  /** Payloads that the socket still reads. */
  #unsent = 0;
  readonly #flushing: (() => void)[] = [];

  constructor(
    readonly socket: Socket,
    /** The most bytes of a payload that is accepted. */
    public limit: number,
    readonly pool = new BufferPool(),
  ) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 5000);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#reason ??= `its connection failed (${error.code ?? error.message})`;
    });
    socket.on('close', () => this.#close());
  }

  /** Gets each frame; those that come while nobody does wait. */
  set onFrame(listener: ((frame: Frame) => void) | null) {
    this.#onFrame = listener;
    while (this.#onFrame !== null && this.#early.length > 0) this.#onFrame(this.#early.shift() as Frame);
  }

  /** Called once, with a clause such as "its connection closed"; at once if it has. */
  set onClose(listener: ((reason: string) => void) | null) {
    this.#onClose = listener;
    if (this.socket.destroyed && this.socket.closed) this.#close();
  }

  send({ kind, tag, payload }: Frame): void {
    if (this.socket.destroyed || this.socket.writableEnded) return;
    const header = new Uint8Array(HEADER);
    const view = new DataView(header.buffer);
    view.setUint32(0, payload.length, true);
    view.setUint32(4, tag, true);
    header[8] = kind;
    this.socket.cork();
    this.socket.write(header);
    if (payload.length > 0) {
      this.#unsent++;
      this.socket.write(payload, () => this.#sent());
    }
    this.socket.uncork();
  }

  /** Resolves when no payload is read any more. */
  flush(): Promise<void> {
    if (this.#unsent === 0) return Promise.resolve();
    return new Promise((resolve) => this.#flushing.push(resolve));
  }

  /** Sends what is under way, then ends the connection; after a second it is cut. */
  end(): Promise<void> {
    if (this.socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const cut = setTimeout(() => this.socket.destroy(), 1000);
      this.socket.once('close', () => {
        clearTimeout(cut);
        resolve();
      });
      this.socket.end(() => this.socket.destroySoon());
    });
  }

  destroy(reason: string): void {
    this.#reason ??= reason;
    this.socket.destroy();
  }

  #sent(): void {
    this.#unsent--;
    if (this.#unsent > 0) return;
    for (const resolve of this.#flushing.splice(0)) resolve();
  }

  #close(): void {
    const listener = this.#onClose;
    this.#onClose = null;
    listener?.(this.#reason ?? 'its connection closed');
  }

  #read(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length && !this.socket.destroyed) {
      if (this.#sink !== null) {
        const taken = Math.min(this.#left, chunk.length - at);
        const sink = this.#sink;
        this.#left -= taken;
        if (this.#left === 0) this.#sink = null;
        sink(chunk.subarray(at, at + taken));
        at += taken;
        continue;
      }
      if (this.#payload === null) {
        const taken = Math.min(HEADER - this.#filled, chunk.length - at);
        this.#header.set(chunk.subarray(at, at + taken), this.#filled);
        at += taken;
        this.#filled += taken;
        if (this.#filled < HEADER) return;
        const length = this.#view.getUint32(0, true);
        if (length > this.limit) {
          this.destroy(`it announced a message of ${length} bytes, but ${this.limit} are allowed`);
          return;
        }
        this.#filled = 0;
        const head = { kind: this.#header[8], tag: this.#view.getUint32(4, true), length };
        this.#sink = length === 0 ? null : (this.sinkFor?.(head) ?? null);
        this.#left = length;
        if (this.#sink !== null) continue;
        this.#payload = this.pool.take(length);
      }
      const taken = Math.min(this.#payload.length - this.#filled, chunk.length - at);
      this.#payload.set(chunk.subarray(at, at + taken), this.#filled);
      at += taken;
      this.#filled += taken;
      if (this.#filled === this.#payload.length) this.#finish(this.#payload);
    }
  }

  #finish(payload: Uint8Array): void {
    this.#payload = null;
    this.#filled = 0;
    const frame = { kind: this.#header[8], tag: this.#view.getUint32(4, true), payload };
    if (this.#onFrame === null) this.#early.push(frame);
    else this.#onFrame(frame);
  }
}

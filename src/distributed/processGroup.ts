import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, GroupError } from '../base/errors.js';
import { allReduce, type Channel } from './allReduce.js';
import type { FloatStream } from './floatStream.js';
import { Heartbeat } from './heartbeat.js';
import { checkLocalSteps, type LocalSteps } from './localSteps.js';
import { Mailbox } from './mailbox.js';
import type { Frame, FrameHead, Transport } from './transport.js';

/** How the ranks of a group share the work of a batch. */
export interface ProcessGroupOptions {
  /**
   * Into how many parts each batch is cut, whatever the number of ranks: a power of 2, and a multiple of the number of ranks. Batch norms see
   * one part at a time. Default 8.
   */
  microBatches?: number | undefined;
  /** Seconds of silence after which a rank that trains is taken for hung. Default 8. */
  timeoutSeconds?: number | undefined;
  /** Local SGD: the ranks train on their own for some steps and exchange weights instead of gradients. Default: they exchange every step. */
  local?: LocalSteps | undefined;
}

/** What a frame is. */
const LAST = 0;
const MORE = 1;
const BEAT = 2;
const ABORT = 3;
const BYE = 4;
const REST = 5;

const EMPTY = new Uint8Array(0);
const BEAT_MILLISECONDS = 1000;

/**
 * Processes that train one model together, each with a rank from 0 to `size - 1`. `createGroup` of stridenet/node makes one; `fit` uses it
 * through the option `group`.
 *
 * Collectives (`allReduce`, `gather`, `broadcast`) are calls that all ranks make in the same order. When a rank is lost, all that wait
 * throw the same `GroupError`, and so does every later call.
 */
export class ProcessGroup implements Channel {
  /** Into how many parts each batch is cut, whatever the number of ranks. */
  readonly microBatches: number;
  /** Of local SGD; undefined where gradients are exchanged in every step. */
  readonly local: LocalSteps | undefined;
  /** The last step that every rank has made. */
  lastCommonStep = 0;
  readonly #transport: Transport;
  readonly #timeout: number;
  readonly #mail = new Mailbox<Uint8Array>();
  readonly #parts = new Map<number, Uint8Array[]>();
  /** What waits for messages of a key; each gets its own before the next does. */
  readonly #streams = new Map<number, FloatStream[]>();
  readonly #left = new Set<number>();
  #tag = 0;
  #failure: GroupError | null = null;
  #heartbeat: Heartbeat | null = null;
  #isClosed = false;

  /** `engine` tells on what the kernels run here; ranks must not differ in it. */
  constructor(
    transport: Transport,
    options: ProcessGroupOptions = {},
    /** The kernels of this rank, as text: all ranks must compute with the same ones. */
    readonly engine: () => string = () => 'unknown',
  ) {
    checkOptions('ProcessGroup', options, ['microBatches', 'timeoutSeconds', 'local']);
    const { microBatches = 8, timeoutSeconds = 8, local } = options;
    checkCut(transport.size, microBatches);
    if (!(timeoutSeconds > 0)) {
      throw new ArgumentError(`ProcessGroup: timeoutSeconds is ${timeoutSeconds}, but must be > 0.`);
    }
    if (local !== undefined) checkLocalSteps(local);
    this.microBatches = microBatches;
    this.local = local;
    this.#timeout = 1000 * timeoutSeconds;
    this.#transport = transport;
    transport.listen({
      frame: (from, frame) => this.#hear(from, frame),
      gone: (from, reason) => this.#lose(from, reason),
      sink: (from, head) => this.#sinkOf(from, head),
    });
  }

  /** The number of this process, from 0. */
  get rank(): number {
    return this.#transport.rank;
  }

  /** How many processes there are. */
  get size(): number {
    return this.#transport.size;
  }

  /** Why the group is of no use any more; null while it works. */
  get failure(): GroupError | null {
    return this.#failure;
  }

  /** Sums `x` over all ranks, in place, with the same bits on each of them: see `allReduce`. */
  async allReduce(x: Float32Array): Promise<void> {
    await allReduce(this, this.#nextTag(), x);
  }

  /** What each rank passes, in the order of ranks; their lengths may differ. */
  async gather(bytes: Uint8Array): Promise<Uint8Array[]> {
    const tag = this.#nextTag();
    for (let to = 0; to < this.size; to++) if (to !== this.rank) this.send(to, tag, bytes);
    const all: Uint8Array[] = [];
    for (let from = 0; from < this.size; from++) {
      all.push(from === this.rank ? bytes : await this.receive(from, tag));
    }
    return all;
  }

  /** The bytes that rank 0 passes; those of the others are ignored. */
  async broadcast(bytes: Uint8Array): Promise<Uint8Array> {
    const tag = this.#nextTag();
    if (this.rank !== 0) return this.receive(0, tag);
    for (let to = 1; to < this.size; to++) this.send(to, tag, bytes);
    return bytes;
  }

  /** From now on, a rank that is silent for too long is taken for hung; with false, it may be as busy as it likes. */
  watch(on: boolean): void {
    if (this.#heartbeat !== null) {
      this.#heartbeat.stop();
      this.#heartbeat = null;
      if (this.#failure === null) this.#tellAll(REST, EMPTY);
    }
    if (!on || this.size === 1 || this.#failure !== null) return;
    this.#heartbeat = new Heartbeat(this.size, this.rank, {
      interval: Math.min(BEAT_MILLISECONDS, this.#timeout / 4),
      timeout: this.#timeout,
      beat: () => this.#tellAll(BEAT, EMPTY),
      silent: (rank, ms) =>
        this.#fail(`${this.#name(rank)} has given no sign of life for ${(ms / 1000).toFixed(1)} seconds`),
    });
  }

  /** Ends the group for all ranks: each throws a `GroupError` with this reason, a clause such as "rank 1 has run out of memory". */
  abort(reason: string): void {
    this.#fail(reason);
  }

  /** Leaves the group: call it when training is over. Others may then no longer wait for this rank. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.watch(false);
    if (this.#failure === null) this.#tellAll(BYE, EMPTY);
    this.#failure ??= new GroupError('The group is closed.');
    this.#mail.fail(this.#failure);
    await this.#transport.close();
  }

  /** Part of `Channel`. */
  get mostBytes(): number {
    return this.#transport.mostBytes;
  }

  /** Part of `Channel`. */
  send(to: number, tag: number, bytes: Uint8Array): void {
    if (this.#failure !== null) throw this.#failure;
    const most = this.#transport.mostBytes;
    let at = 0;
    for (; bytes.length - at > most; at += most) {
      this.#transport.send(to, { kind: MORE, tag, payload: bytes.subarray(at, at + most) });
    }
    this.#transport.send(to, { kind: LAST, tag, payload: at === 0 ? bytes : bytes.subarray(at) });
  }

  /** Part of `Channel`. */
  receive(from: number, tag: number): Promise<Uint8Array> {
    return this.#take(from, from * 2 ** 32 + tag);
  }

  /** Part of `Channel`. */
  async receiveInto(from: number, tag: number, stream: FloatStream): Promise<void> {
    const key = from * 2 ** 32 + tag;
    const queue = this.#streams.get(key) ?? [];
    while (queue.length === 0 && !stream.isFull && stream.wrongBytes === null) {
      const early = this.#mail.poll(key);
      if (early === undefined) break;
      this.#feed(stream, early);
    }
    if (stream.isFull || stream.wrongBytes !== null) return;
    this.#streams.set(key, [...queue, stream]);
    await this.#take(from, doneKey(key));
  }

  async #take(from: number, key: number): Promise<Uint8Array> {
    const message = this.#mail.take(key);
    if (this.#mail.waiting === 1) this.#transport.hold?.(true);
    if (this.#left.has(from) && this.#mail.waiting > 0) this.#fail(`${this.#name(from)} has left the group`);
    try {
      return await message;
    } finally {
      if (this.#mail.waiting === 0) this.#transport.hold?.(false);
    }
  }

  /** Part of `Channel`. */
  release(bytes: Uint8Array): void {
    this.#transport.release?.(bytes);
  }

  /** Part of `Channel`. */
  async flush(to: number): Promise<void> {
    await this.#transport.flush?.(to);
  }

  #nextTag(): number {
    this.#tag = (this.#tag + 1) >>> 0;
    return this.#tag;
  }

  #hear(from: number, { kind, tag, payload }: Frame): void {
    this.#heartbeat?.hear(from);
    const key = from * 2 ** 32 + tag;
    switch (kind) {
      case MORE: {
        const parts = this.#parts.get(key) ?? [];
        parts.push(payload);
        this.#parts.set(key, parts);
        return;
      }
      case LAST: {
        const parts = this.#parts.get(key);
        this.#parts.delete(key);
        const whole = parts === undefined ? payload : joined([...parts, payload]);
        const stream = this.#streams.get(key)?.[0];
        if (stream === undefined) this.#mail.put(key, whole);
        else {
          this.#feed(stream, whole);
          this.#look(key, stream);
        }
        return;
      }
      case ABORT:
        this.#fail(new TextDecoder().decode(payload));
        return;
      case REST:
        this.#heartbeat?.forget(from);
        return;
      case BYE:
        this.#heartbeat?.forget(from);
        this.#left.add(from);
        if (this.#mail.waiting > 0) this.#fail(`${this.#name(from)} has left the group`);
        return;
    }
  }

  /** The sum that waits for a frame, if one does. */
  #sinkOf(from: number, { kind, tag, length }: FrameHead): ((piece: Uint8Array) => void) | null {
    const key = from * 2 ** 32 + tag;
    const stream = kind === LAST && !this.#parts.has(key) ? this.#streams.get(key)?.[0] : undefined;
    if (stream === undefined || stream.due !== length) return null;
    let left = length;
    return (piece) => {
      this.#heartbeat?.hear(from);
      stream.write(piece);
      left -= piece.length;
      if (left === 0) this.#look(key, stream);
    };
  }

  /** A message that came whole. */
  #feed(stream: FloatStream, bytes: Uint8Array): void {
    if (bytes.length === stream.due) stream.write(bytes);
    else stream.wrongBytes = bytes.length;
    this.release(bytes);
  }

  #look(key: number, stream: FloatStream): void {
    if (!stream.isFull && stream.wrongBytes === null) return;
    const rest = this.#streams.get(key)?.slice(1) ?? [];
    if (rest.length > 0) this.#streams.set(key, rest);
    else this.#streams.delete(key);
    this.#mail.put(doneKey(key), EMPTY);
  }

  #lose(from: number, reason: string): void {
    if (this.#left.has(from)) return;
    this.#fail(`${this.#name(from)} is gone: ${reason}`);
  }

  /** The first reason counts, and is passed on: a rank that only hears of it later sees this one closing its connections. */
  #fail(reason: string): void {
    if (this.#failure !== null) return;
    this.#tellAll(ABORT, new TextEncoder().encode(reason));
    this.#failure = new GroupError(
      `The group has stopped: ${reason}. The last step that all ${this.size} ranks have made is ${this.lastCommonStep}. Start all ranks again; a run that saves checkpoints goes on from the newest one.`,
    );
    this.watch(false);
    this.#mail.fail(this.#failure);
  }

  #tellAll(kind: number, payload: Uint8Array): void {
    for (let to = 0; to < this.size; to++) {
      if (to !== this.rank && !this.#left.has(to)) this.#transport.send(to, { kind, tag: 0, payload });
    }
  }

  #name(rank: number): string {
    return `rank ${rank} (${this.#transport.describe(rank)})`;
  }
}

/** Throws `ArgumentError` unless the parts of a batch can be dealt out to the ranks so that sums of powers of 2 stay whole. */
export function checkCut(size: number, microBatches: number): void {
  checkWhole('createGroup', 'microBatches', microBatches, 1);
  if (!isPowerOf2(microBatches)) {
    throw new ArgumentError(`createGroup: microBatches is ${microBatches}, but must be a power of 2: 8, 16, 32, ...`);
  }
  if (isPowerOf2(size) && size <= microBatches) return;
  const fitting = Array.from({ length: Math.log2(microBatches) + 1 }, (_, i) => 2 ** i);
  const hint =
    size > microBatches && isPowerOf2(size)
      ? `Pass microBatches: ${size} on all ranks; results then differ from those of ${microBatches} parts.`
      : `Start ${fitting.join(', ')} ranks.`;
  throw new ArgumentError(
    `createGroup: ${size} ranks cannot share the ${microBatches} parts of a batch evenly in a binary tree. ${hint}`,
  );
}

/** Under which a stream that is complete is told of: no message has a negative key. */
function doneKey(key: number): number {
  return -1 - key;
}

function isPowerOf2(n: number): boolean {
  return Number.isInteger(Math.log2(n));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

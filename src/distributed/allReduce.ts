import { GroupError } from '../base/errors.js';
import { FloatStream } from './floatStream.js';

/** What the collectives need: numbered queues of bytes between ranks. */
export interface Channel {
  readonly rank: number;
  readonly size: number;
  /** The largest message that travels in one piece, in bytes. */
  readonly mostBytes: number;
  /** The bytes must not change before the other rank has used them. */
  send(to: number, tag: number, bytes: Uint8Array): void;
  receive(from: number, tag: number): Promise<Uint8Array>;
  /** Resolves when the stream is full, or has got a message of another length than was due. */
  receiveInto(from: number, tag: number, stream: FloatStream): Promise<void>;
  release(bytes: Uint8Array): void;
  /** Resolves when the bytes that were sent may change. */
  flush(to: number): Promise<void>;
}

/** Up to so many numbers travel whole: fewer messages count more than fewer bytes. */
const SMALL = 4096;

/**
 * Sums `x` over all ranks, in place: afterwards, every rank has the same bits. Pairs of neighbors add first, then pairs of pairs, as in a binary
 * tree over the ranks, so that a number of leaves which is split over 1, 2, 4 or 8 ranks always gives the same sum.
 *
 * Small arrays are exchanged whole (recursive doubling). For larger ones, each rank sums a part of its own (recursive halving) and the parts are
 * collected (recursive doubling): each rank sends 2 (R - 1) / R of the array. Both add the same numbers in the same order.
 *
 * `size` must be a power of 2.
 *
 * Source: Thakur, Rabenseifner and Gropp 2005, "Optimization of Collective Communication Operations in MPICH", section 4.5. Distances grow from
 * 1 here, to keep the order of the sum.
 */
export async function allReduce(channel: Channel, tag: number, x: Float32Array): Promise<void> {
  if (channel.size === 1) return;
  await (x.length <= SMALL ? doubling(channel, tag, x) : halving(channel, tag, x));
}

async function doubling(channel: Channel, tag: number, x: Float32Array): Promise<void> {
  for (let distance = 1; distance < channel.size; distance *= 2) {
    const other = channel.rank ^ distance;
    channel.send(other, tag, bytesOf(x.slice()));
    addBytes(x, 0, await take(channel, other, tag, x.length), channel);
  }
}

async function halving(channel: Channel, tag: number, x: Float32Array): Promise<void> {
  const { rank, size } = channel;
  let [low, high] = [0, x.length];
  const collected: { own: Float32Array; other: Promise<void> }[] = [];
  for (let distance = 1; distance < size; distance *= 2) {
    const other = rank ^ distance;
    const middle = low + ((high - low) >> 1);
    const isLower = (rank & distance) === 0;
    const theirs = x.subarray(isLower ? middle : low, isLower ? high : middle);
    if (isLower) high = middle;
    else low = middle;
    const own = x.subarray(low, high);
    sendAll(channel, other, tag, theirs);
    const added = takeInto(channel, other, tag, own, true);
    // The sums of the other half may come before all ranks are done here. What they overwrite has reached the other rank: they were made from it.
    const sums = takeInto(channel, other, tag, theirs, false);
    sums.catch(() => undefined);
    collected.push({ own, other: sums });
    await added;
  }
  for (let distance = size / 2; distance >= 1; distance /= 2) {
    const { own, other } = collected.pop() as (typeof collected)[number];
    sendAll(channel, rank ^ distance, tag, own);
    await other;
  }
  for (let distance = 1; distance < size; distance *= 2) await channel.flush(rank ^ distance);
}

function sendAll(channel: Channel, to: number, tag: number, x: Float32Array): void {
  const segment = segmentOf(channel);
  for (let at = 0; at < x.length; at += segment) channel.send(to, tag, bytesOf(x.subarray(at, at + segment)));
}

/** Numbers in a message: as many as travel in one piece, since each message costs its sender a call of the system. They are added as they come. */
function segmentOf({ mostBytes }: Channel): number {
  return mostBytes >> 2;
}

/** Adds the other rank's numbers to x, or puts them there, as they come. */
async function takeInto(channel: Channel, from: number, tag: number, x: Float32Array, adds: boolean): Promise<void> {
  if (x.length === 0) return;
  const stream = new FloatStream(x, adds, segmentOf(channel));
  await channel.receiveInto(from, tag, stream);
  if (stream.wrongBytes !== null) throw mismatch(from, stream.wrongBytes, stream.due);
}

async function take(channel: Channel, from: number, tag: number, length: number): Promise<Uint8Array> {
  const bytes = await channel.receive(from, tag);
  if (bytes.length === 4 * length) return bytes;
  throw mismatch(from, bytes.length, 4 * length);
}

function mismatch(from: number, found: number, due: number): GroupError {
  return new GroupError(
    `allReduce: rank ${from} sent ${found} bytes where ${due} were due. All ranks must sum arrays of one length, in one order.`,
  );
}

function addBytes(x: Float32Array, at: number, bytes: Uint8Array, channel: Channel): void {
  const y = floatsOf(bytes);
  const n = y.length;
  const part = x.subarray(at, at + n);
  for (let i = 0; i < n; i++) part[i] += y[i];
  channel.release(bytes);
}

function bytesOf(x: Float32Array): Uint8Array {
  return new Uint8Array(x.buffer, x.byteOffset, x.byteLength);
}

/** Transports give payloads that begin at a multiple of 4. */
function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

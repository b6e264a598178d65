import { whenMemoryIsOut } from './heap.js';
import type { Storage } from './storage.js';

/** Past this much, somebody is told. */
const LIMIT_BYTES = 2 ** 30;
/** Fewer tensors are no loop: somebody holds large ones. */
const LEAST_TENSORS = 16;

interface Share {
  blocks: number;
  bytes: number;
}

const byOperation = new Map<string, Share>();
const all: Share = { blocks: 0, bytes: 0 };
let warned = false;

whenMemoryIsOut(() => (all.blocks === 0 ? '' : `${description()} ${ADVICE}`));

const ADVICE =
  'The collector cannot run inside a loop that never pauses. Make and use tensors inside scope(() => ...), or call dispose() on them.';

/**
 * Counts a block that only the garbage collector will release. It does so between the turns of the event loop alone, so a
 * program that makes such tensors in a loop grows without end: past a limit it is told, once, which operation made them.
 */
export function countUnscoped(storage: Storage): void {
  if (storage.unscopedTensors++ > 0) return;
  count(storage, 1);
  if (all.bytes > LIMIT_BYTES && !warned && all.blocks >= LEAST_TENSORS) {
    warned = true;
    console.warn(`stridenet: ${description()} ${ADVICE} If all of them are still in use, nothing is wrong.`);
  }
}

/** Takes back what `countUnscoped` counted for one tensor. */
export function uncountUnscoped(storage: Storage): void {
  if (--storage.unscopedTensors === 0) count(storage, -1);
}

function count(storage: Storage, sign: 1 | -1): void {
  let share = byOperation.get(storage.op);
  if (share === undefined) {
    share = { blocks: 0, bytes: 0 };
    byOperation.set(storage.op, share);
  }
  share.blocks += sign;
  share.bytes += sign * storage.bytes;
  all.blocks += sign;
  all.bytes += sign * storage.bytes;
}

function description(): string {
  const [op, { blocks }] = [...byOperation].reduce((a, b) => (b[1].bytes > a[1].bytes ? b : a));
  const mebibytes = (all.bytes / 2 ** 20).toFixed(1);
  return `${all.blocks} tensors (${mebibytes} MiB) belong to no scope and wait for the garbage collector; ${blocks} of them were made by '${op}'.`;
}

import { whenMemoryIsShort } from '../heap.js';
import type { Conv2dGeometry } from '../kernels/geometry.js';
import { kernels } from '../kernels/kernels.js';
import { Storage } from '../storage.js';

/** Past so many output pixels a filter is used often enough for its preparation to cost nothing. */
const MOST_PIXELS = 4096;
/** Filters of fewer bytes are prepared as fast as they are compared. */
const LEAST_BYTES = 64 * 1024;
/** The most that is kept in all: the least recently used filters go first. */
const CAPACITY_BYTES = 1024 * 1024 * 1024;

interface Kept {
  readonly key: string;
  readonly block: Storage;
}

/** By the block of the weights, in the order of their last use. */
const keptFilters = new Map<Storage, Kept>();
let keptBytes = 0;

whenMemoryIsShort(forgetFilters);

/**
 * A block for the prepared filters of w, kept from one `predict` to the next; null where keeping them gains nothing. Packing and transforming
 * filters takes as long as a convolution when there are few pixels, so it is done again only when the weights have changed: kernels compare
 * a digest each time (`conv2dKeepFilters`).
 *
 * The caller retains the block while it uses it.
 */
export function keptFor(w: Storage, g: Conv2dGeometry): Storage | null {
  if (g.batch * g.outHeight * g.outWidth > MOST_PIXELS) return null;
  const length = kernels.conv2dKeptWorkspace(g);
  if (4 * length < LEAST_BYTES) return null;
  const key = `${length} ${Object.values(g).join()}`;
  const kept = keptFilters.get(w);
  if (kept?.key === key && !kept.block.released && kept.block.heap === w.heap) {
    keptFilters.delete(w);
    keptFilters.set(w, kept);
    return kept.block;
  }
  forget(w);
  makeRoom(4 * length);
  const block = new Storage(length, 'kept filters');
  block.data.fill(0);
  keptFilters.set(w, { key, block });
  keptBytes += block.bytes;
  w.onRelease = () => forget(w);
  return block;
}

/** Gives back all kept filters, as when memory is short; the next `predict` prepares them again. Returns the bytes given back. */
export function forgetFilters(): number {
  const before = keptBytes;
  for (const w of [...keptFilters.keys()]) forget(w);
  return before;
}

function forget(w: Storage): void {
  const kept = keptFilters.get(w);
  if (kept === undefined) return;
  keptFilters.delete(w);
  w.onRelease = null;
  keptBytes -= kept.block.bytes;
  kept.block.release();
}

/** Filters that were used longest ago go first. */
function makeRoom(bytes: number): void {
  for (const w of [...keptFilters.keys()]) {
    if (keptBytes + bytes <= CAPACITY_BYTES) return;
    forget(w);
  }
}

import { convolutionKernels } from '../../../kernels/families/convolution.js';
import type { Conv2dGeometry } from '../../../kernels/geometry.js';
import { whenMemoryIsShort } from '../../../memory/heap.js';
import { Storage } from '../../../memory/storage.js';

/** Past so many output pixels a filter is used often enough for its preparation to cost nothing. */
const MOST_PIXELS = 4096;
/** Filters of fewer bytes are prepared as fast as they are compared. */
const LEAST_BYTES = 64 * 1024;
/** The most that is kept in all: the least recently used filters go first. */
const CAPACITY_BYTES = 1024 * 1024 * 1024;

interface Kept {
  readonly length: number;
  readonly g: Conv2dGeometry;
  readonly block: Storage;
  /** The time of its last use, in uses of any. */
  used: number;
}

/** By the block of the weights. */
const keptFilters = new Map<Storage, Kept>();
let keptBytes = 0;
let uses = 0;

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
  const length = convolutionKernels.conv2dKeptWorkspace(g);
  if (4 * length < LEAST_BYTES) return null;
  const kept = keptFilters.get(w);
  if (kept !== undefined && kept.length === length && !kept.block.released && kept.block.heap === w.heap) {
    if (sameGeometry(kept.g, g)) {
      kept.used = ++uses;
      return kept.block;
    }
  }
  forget(w);
  makeRoom(4 * length);
  const block = new Storage(length, 'kept filters');
  block.data.fill(0);
  keptFilters.set(w, { length, g, block, used: ++uses });
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

function sameGeometry(a: Conv2dGeometry, b: Conv2dGeometry): boolean {
  for (const name in a) if (a[name as keyof Conv2dGeometry] !== b[name as keyof Conv2dGeometry]) return false;
  return true;
}

/** Filters that were used longest ago go first. */
function makeRoom(bytes: number): void {
  if (keptBytes + bytes <= CAPACITY_BYTES) return;
  for (const [w] of [...keptFilters].sort(([, a], [, b]) => a.used - b.used)) {
    if (keptBytes + bytes <= CAPACITY_BYTES) return;
    forget(w);
  }
}

import type { LoadedIndex } from '../loadIndex.js';
import { type Payload, writePayload } from './payloads.js';
import { memoryFile } from './recordFile.js';
import { framed, MAGIC } from './records.js';

/** The records of a whole file, without what was deleted or replaced; `loadIndex` reads them. */
export function* writeIndex(index: Omit<LoadedIndex, 'note'>): Generator<Uint8Array> {
  yield MAGIC;
  for (const payload of payloadsOf(index)) yield framed(writePayload(payload));
}

function* payloadsOf({ head, projection, entries, rows, graph }: Omit<LoadedIndex, 'note'>): Generator<Payload> {
  if (head === null) return;
  yield { kind: 'head', head };
  if (projection !== null) yield { kind: 'projection', projection };
  for (const number of entries.alive()) {
    const row = rows === null ? null : rows.row(number);
    const id = entries.ids[number];
    yield { kind: 'put', entry: { id, metadata: entries.metadata[number], hashes: entries.hashes[number], row } };
  }
  // The graph counts rows, and rows that are left out change their numbers.
  if (graph !== null && entries.size === entries.length) yield { kind: 'graph', graph: graph.toArrays() };
}

/** Records as one piece of a file, so that one write adds them all; with the file's first bytes where it is new. */
export function joined(isNew: boolean, payloads: readonly Payload[]): Uint8Array {
  const file = memoryFile();
  void file.replace([...(isNew ? [MAGIC] : []), ...payloads.map((payload) => framed(writePayload(payload)))]);
  return file.bytes();
}

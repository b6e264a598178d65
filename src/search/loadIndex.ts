import { DataError, FormatError } from '../base/errors.js';
import { Entries } from './entries.js';
import { NeighborGraph } from './hnsw/graph.js';
import { NearDuplicateIndex } from './nearDuplicates.js';
import type { Projection } from './pca.js';
import { type GraphArrays, type IndexHead, readPayload } from './store/payloads.js';
import type { RecordFile } from './store/recordFile.js';
import { MAGIC, scanRecords } from './store/records.js';
import { VectorRows } from './vectors/vectorRows.js';

/** Everything that a file says, in memory. */
export interface LoadedIndex {
  readonly head: IndexHead | null;
  readonly entries: Entries;
  readonly near: NearDuplicateIndex;
  /** null until the first vector tells how long vectors are. Row i belongs to entry i. */
  readonly rows: VectorRows | null;
  readonly projection: Projection | null;
  readonly graph: NeighborGraph | null;
  /** What was dropped, in a sentence. */
  readonly note: string | null;
}

/**
 * Reads an index. The end that a killed process left cut off is removed from the file.
 *
 * Throws `FormatError` for a file of something else, and for damage in its middle unless `repair` drops it.
 */
export async function loadIndex(
  file: RecordFile,
  { readOnly, repair }: { readOnly: boolean; repair: boolean },
): Promise<LoadedIndex> {
  const bytes = await file.read();
  const isNew = bytes.length < MAGIC.length && bytes.every((byte, i) => byte === MAGIC[i]);
  if (!isNew && !MAGIC.every((byte, i) => byte === bytes[i])) {
    throw new FormatError(`${file.name} is no index of photographs: it doesn't begin with SNINDEX1.`);
  }
  let head: IndexHead | null = null;
  let projection: Projection | null = null;
  let saved: GraphArrays | null = null;
  let rows: VectorRows | null = null;
  const [entries, near] = [new Entries(), new NearDuplicateIndex()];
  const visit = (payload: Uint8Array): void => {
    const record = readPayload(payload);
    if (record.kind === 'head') {
      if (record.head.version !== 1) {
        throw new FormatError(`${file.name} has version ${record.head.version}, but this library reads version 1.`);
      }
      head = record.head;
      if (head.dimension > 0) rows = new VectorRows(head.precision, head.dimension);
    } else if (record.kind === 'put') {
      const number = entries.put(record.entry);
      if (record.entry.hashes !== null) near.add(number, record.entry.hashes);
      const row = record.entry.row;
      if (rows === null) return;
      if (row === null) rows.push(new Float32Array(rows.format.dimension));
      else if (row.length === rows.format.stride) rows.pushRow(row);
      else
        throw new FormatError(
          `${file.name}: the vector of '${record.entry.id}' has ${row.length} bytes, not ${rows.format.stride}.`,
        );
    } else if (record.kind === 'delete') entries.delete(record.id);
    else if (record.kind === 'projection') projection = record.projection;
    else saved = record.graph;
  };
  const scan = isNew ? { end: 0, damagedAt: null } : scanRecords(bytes, MAGIC.length, visit);
  const { damagedAt } = scan;
  // Without the first record, there is nothing to add to.
  const end = head === null ? 0 : scan.end;
  if (damagedAt !== null && !repair) {
    throw new FormatError(
      `${file.name} is damaged at byte ${damagedAt}, though sound records follow: ${entries.size} photographs can be read. Open it with repair: true to go on without the damaged ones.`,
    );
  }
  const cut = bytes.length - end;
  const notes = [
    ...(damagedAt === null ? [] : [`damaged records from byte ${damagedAt} on were left out`]),
    ...(cut === 0 || head === null ? [] : [`the last record was cut off, and its ${cut} bytes were dropped`]),
  ];
  if (readOnly && isNew) throw new DataError(`${file.name} is empty: there is no index to read.`);
  if (cut > 0 && !readOnly) await file.truncate(end);
  return {
    head,
    entries,
    near,
    rows,
    projection,
    graph: rows === null || saved === null ? null : graphOf(rows, saved),
    note: notes.length === 0 ? null : `${file.name}: ${notes.join(', and ')}.`,
  };
}

/** The graph that was saved, with the rows that came later. */
function graphOf(rows: VectorRows, saved: GraphArrays): NeighborGraph {
  const graph = NeighborGraph.fromArrays(rows, saved);
  while (graph.length < rows.length) graph.add();
  return graph;
}

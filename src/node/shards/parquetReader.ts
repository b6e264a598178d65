import type { FileMetaData } from 'hyparquet';
import { DataError, FormatError } from '../../base/errors.js';
import { FileSource } from '../fileSource.js';
import { messageOf } from '../files.js';
import type { PhotoSource } from '../photos/photoJob.js';
import type { ShardReader, ShardSample } from './shardReader.js';

/** The columns of a table of photographs. */
export interface ParquetColumns {
  /** Bytes, or a struct with a field `bytes`, as in data sets of Hugging Face. */
  image: string;
  label: string;
}

interface Row {
  photo: Uint8Array;
  label: unknown;
}

/** Rows that a table holds together and that are read together. */
interface Group {
  first: number;
  end: number;
  /** The samples that wait for their rows. */
  waiting: Map<number, (row: Row) => void>;
}

/**
 * Reads the photographs of Parquet files, a group of rows at a time: memory holds one group, and the photographs that wait in the shuffle
 * buffer. Compressed pages are unpacked by hyparquet and hyparquet-compressors.
 */
export class ParquetReader implements ShardReader {
  constructor(readonly columns: ParquetColumns) {}

  async *samples(shard: string): AsyncGenerator<ShardSample, void, undefined> {
    const metadata = await parquetMetadata(shard);
    let first = 0;
    for (const [g, { num_rows: rows }] of metadata.row_groups.entries()) {
      const group: Group = { first, end: first + Number(rows), waiting: new Map() };
      for (let row = first; row < group.end; row++) yield this.#sampleOf(shard, metadata, group, row);
      first = group.end;
      if (g % 16 === 0) await null;
    }
  }

  #sampleOf(shard: string, metadata: FileMetaData, group: Group, row: number): ShardSample {
    const name = `${shard}: row ${row}`;
    let kept: Row | undefined;
    const get = async (): Promise<Row> => {
      if (kept === undefined) {
        group.waiting.set(row, (found) => (kept = found));
        // One group at a time: all that wait for rows of one are served when it is read.
        const turn = this.#turns.then(() => this.#read(shard, metadata, group));
        this.#turns = turn.catch(() => undefined);
        await turn;
      }
      if (kept === undefined) throw new FormatError(`${name} is missing.`);
      return kept;
    };
    return {
      name,
      hold: async () => void (await get()),
      photo: async (): Promise<PhotoSource> => {
        const { photo } = await get();
        return { name, bytes: photo };
      },
      label: async () => (await get()).label,
    };
  }

  /** Reads a group, and hands its rows to the samples that wait for them. */
  async #read(shard: string, metadata: FileMetaData, group: Group): Promise<void> {
    if (group.waiting.size === 0) return;
    const rows = await this.#rowsOf(shard, metadata, group);
    for (const [row, hand] of group.waiting) hand(rows[row - group.first]);
    group.waiting.clear();
  }

  #turns: Promise<void> = Promise.resolve();
  #last: { key: string; rows: Promise<Row[]> } | undefined;

  /** The group that was read last is kept: its rows are asked for one after another. */
  #rowsOf(shard: string, metadata: FileMetaData, group: Group): Promise<Row[]> {
    const key = `${shard}\0${group.first}`;
    if (this.#last?.key !== key) this.#last = { key, rows: readRows(shard, metadata, group, this.columns) };
    return this.#last.rows;
  }
}

async function readRows(shard: string, metadata: FileMetaData, group: Group, columns: ParquetColumns): Promise<Row[]> {
  const [{ parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ]);
  const source = new FileSource(shard);
  try {
    const rows = await parquetReadObjects({
      file: bufferOf(source),
      metadata,
      columns: [columns.image, columns.label],
      rowStart: group.first,
      rowEnd: group.end,
      utf8: false,
      compressors,
    });
    return rows.map((row, i) => ({
      photo: photoBytes(row[columns.image], `${shard}: row ${group.first + i}`, columns.image),
      label: plainLabel(row[columns.label]),
    }));
  } catch (cause) {
    if (cause instanceof DataError || cause instanceof FormatError) throw cause;
    throw new FormatError(`${shard}: rows ${group.first} to ${group.end} are damaged: ${messageOf(cause)}`, { cause });
  } finally {
    source.close();
  }
}

/** A copy: the bytes are a view of a page that would stay in memory with them. */
function photoBytes(value: unknown, name: string, column: string): Uint8Array {
  const bytes = value instanceof Uint8Array ? value : (value as { bytes?: unknown } | null | undefined)?.bytes;
  if (bytes instanceof Uint8Array) return bytes.slice();
  throw new DataError(
    `${name} has no bytes in the column '${column}'. Files that are only named by their path are not read.`,
  );
}

function plainLabel(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return Array.isArray(value) || ArrayBuffer.isView(value)
    ? Array.from(value as ArrayLike<unknown>, plainLabel)
    : value;
}

/** What the end of a Parquet file tells. Throws `FormatError` that names it. */
export async function parquetMetadata(shard: string): Promise<FileMetaData> {
  const { parquetMetadataAsync } = await import('hyparquet');
  const source = new FileSource(shard);
  try {
    return await parquetMetadataAsync(bufferOf(source));
  } catch (cause) {
    throw new FormatError(`${shard} is no Parquet file, or a damaged one: ${messageOf(cause)}`, { cause });
  } finally {
    source.close();
  }
}

function bufferOf(source: FileSource): { byteLength: number; slice(start: number, end?: number): ArrayBuffer } {
  return {
    byteLength: source.length,
    slice: (start, end = source.length) => source.read(start, Math.min(end, source.length)).buffer as ArrayBuffer,
  };
}

/** The names of the classes, as data sets of Hugging Face note them; undefined where there are none. */
export function huggingFaceClasses(metadata: FileMetaData, label: string): string[] | undefined {
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  try {
    const features = JSON.parse(text ?? '{}')?.info?.features?.[label];
    const names = features?.names ?? features?.feature?.names;
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}

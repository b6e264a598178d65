import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { describeValue } from '../base/describeValue.js';
import { ArgumentError } from '../base/errors.js';
import { type Photo, readPhoto } from '../classifier/photo.js';
import type { Picture } from '../classifier/picture.js';
import { Embedder, normalized } from './embed.js';
import type { Metadata } from './filter.js';
import { fingerprint, writeFingerprint } from './hash/fingerprint.js';
import { buildGraph } from './hnsw/buildGraph.js';
import {
  type ImageIndexOptions,
  INDEX_OPTIONS,
  type Match,
  type SearchOptions,
  type SearchResult,
} from './indexOptions.js';
import { checkRecord, type PhotoRecord, type RefusedPhoto, readRecords, type VectorRecord } from './indexRecords.js';
import { type LoadedIndex, loadIndex } from './loadIndex.js';
import { networkDigest } from './networkDigest.js';
import { type Projection, project } from './pca.js';
import { searchTiers, searchVectors } from './searchIndex.js';
import { type Entry, type IndexHead, type Payload, writePayload } from './store/payloads.js';
import { memoryFile, type RecordFile } from './store/recordFile.js';
import { framed } from './store/records.js';
import { joined, writeIndex } from './store/writeIndex.js';
import { rowFormat, writeRow, wrongLength } from './vectors/rowFormat.js';
import { VectorRows } from './vectors/vectorRows.js';

/** Photographs whose vectors are computed at once. */
const BATCH = 8;

/**
 * Photographs that can be searched by photograph: for the same pixels, for copies, and for those that show alike things. It is kept in one file, to which
 * each change is added: a process that is killed loses nothing that was added before.
 *
 * @example
 * const index = await ImageIndex.open('photos.index', { classifier });
 * await index.add([{ id: 'beach.jpg', photo: 'beach.jpg', metadata: { year: 2021 } }]);
 * const { identical, nearDuplicates, similar } = await index.search('query.jpg', { top: 5 });
 * await index.close();
 */
export class ImageIndex {
  /** What opening it had to drop, in a sentence; null where nothing was. */
  readonly note: string | null;
  readonly #file: RecordFile;
  readonly #options: ImageIndexOptions;
  readonly #embedder: Embedder | null;
  readonly #network: string | null;
  #loaded: Omit<LoadedIndex, 'note'>;
  #isOpen = true;

  private constructor(file: RecordFile, options: ImageIndexOptions, loaded: LoadedIndex, network: string | null) {
    this.#file = file;
    this.#options = options;
    this.#loaded = loaded;
    this.#network = network;
    this.note = loaded.note;
    const layer = loaded.head === null ? options.layer : (loaded.head.layer ?? undefined);
    this.#embedder = options.classifier === undefined ? null : new Embedder(options.classifier, { layer });
  }

  /**
   * Opens the index in a file, in Node; a file that isn't there is made by the first `add`. One process at a time can write it.
   *
   * Throws `DataError` when another process writes it, `FormatError` when it is damaged or something else, `ArgumentError` when the network isn't the one that
   * made its vectors.
   */
  static async open(path: string, options: ImageIndexOptions = {}): Promise<ImageIndex> {
    checkOptions('ImageIndex.open', options, INDEX_OPTIONS);
    if (typeof path !== 'string' || path === '') {
      throw new ArgumentError(`ImageIndex.open: the path is ${describeValue(path)}, but must be the path of a file.`);
    }
    const { openRecordFile } = await import('../node/index.js');
    const file = await openRecordFile(path, { readOnly: options.readOnly, who: 'ImageIndex.open' });
    return ImageIndex.#on(file, options);
  }

  /** An index in memory, with what `toBytes` gave, or empty. Throws like `open`. */
  static async fromBytes(bytes: Uint8Array = new Uint8Array(0), options: ImageIndexOptions = {}): Promise<ImageIndex> {
    checkOptions('ImageIndex.fromBytes', options, INDEX_OPTIONS);
    return ImageIndex.#on(memoryFile(bytes), options);
  }

  static async #on(file: RecordFile, options: ImageIndexOptions): Promise<ImageIndex> {
    try {
      const { readOnly = false, repair = false, classifier } = options;
      const loaded = await loadIndex(file, { readOnly, repair });
      const network = classifier === undefined ? null : await networkDigest(classifier.model);
      const { head } = loaded;
      if (head !== null && network !== null && head.network !== null && head.network !== network) {
        throw new ArgumentError(
          `${file.name} has vectors of another network (${head.network}) than this one (${network}), and they can't be compared. Open it with the classifier that made it, or make a new index.`,
        );
      }
      return new ImageIndex(file, options, loaded, network);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** How many photographs there are. */
  get size(): number {
    return this.#loaded.entries.size;
  }

  /** Numbers of a vector; 0 in an index of hashes alone, and before the first vector. */
  get dimension(): number {
    return this.#loaded.rows?.format.dimension ?? 0;
  }

  /** What was kept with the index when it was made. */
  get info(): Readonly<Record<string, unknown>> {
    return this.#loaded.head?.info ?? this.#options.info ?? {};
  }

  /** Whether there is a graph for quick searches: see `buildGraph`. */
  get hasGraph(): boolean {
    return this.#loaded.graph !== null;
  }

  /** The ids of all photographs. */
  *ids(): Generator<string> {
    for (const number of this.#loaded.entries.alive()) yield this.#loaded.entries.ids[number];
  }

  /** Whether there is an entry of this id. */
  has(id: string): boolean {
    return this.#loaded.entries.numberOf(id) !== undefined;
  }

  /** The metadata of a photograph, and its vector as it is kept. Undefined for an id that isn't there. */
  get(id: string): { metadata: Metadata; vector: Float32Array | null } | undefined {
    const { entries, rows } = this.#loaded;
    const number = entries.numberOf(id);
    return number === undefined
      ? undefined
      : { metadata: entries.metadata[number], vector: rows?.vector(number) ?? null };
  }

  /**
   * Adds photographs, or replaces those whose ids are there. Photographs that can't be read are left out and returned with the reason. When it returns,
   * the others are on the disk.
   *
   * Throws `ArgumentError` for a record without an id and for an index that was opened without its classifier, `DataError` when the file can't be written.
   */
  async add(records: PhotoRecord | readonly PhotoRecord[]): Promise<RefusedPhoto[]> {
    this.#expectOpen('add', true);
    const list = Array.isArray(records) ? (records as readonly PhotoRecord[]) : [records as PhotoRecord];
    for (const record of list) checkRecord('add', record);
    const refused: RefusedPhoto[] = [];
    for (let from = 0; from < list.length; from += BATCH) {
      const read = await readRecords(list.slice(from, from + BATCH), refused);
      const vectors = await this.#vectorsOf(
        'add',
        read.map(({ picture }) => picture),
      );
      await this.#put(
        read.map(({ record: { id, metadata = {} }, print }, i) => ({
          id,
          metadata,
          hashes: writeFingerprint(print),
          vector: vectors?.[i] ?? null,
        })),
      );
    }
    return refused;
  }

  /** Adds vectors that come from elsewhere, all of one length. They are found by `searchVector`. Throws `ArgumentError` for another length. */
  async addVectors(records: readonly VectorRecord[]): Promise<void> {
    for (const record of records) checkRecord('addVectors', record);
    await this.#put(
      records.map(({ id, metadata = {}, vector }) => ({
        id,
        metadata,
        hashes: null,
        vector: normalized(Float32Array.from(vector)),
      })),
    );
  }

  /** Replaces the metadata of a photograph. Throws `ArgumentError` for an id that isn't there. */
  async update(id: string, metadata: Metadata): Promise<void> {
    const { entries, rows } = this.#loaded;
    const number = entries.numberOf(id);
    if (number === undefined) throw new ArgumentError(`update: there is no photograph '${id}' in ${this.#file.name}.`);
    const row = rows === null ? null : Uint8Array.from(rows.row(number));
    await this.#write([{ id, metadata, hashes: entries.hashes[number], row }]);
  }

  /** Deletes a photograph. Returns false where there is none of this id. */
  async delete(id: string): Promise<boolean> {
    this.#expectOpen('delete', true);
    if (!this.has(id)) return false;
    await this.#file.append(framed(writePayload({ kind: 'delete', id })));
    return this.#loaded.entries.delete(id);
  }

  /**
   * Finds photographs like this one: of the same pixels, copies, and similar ones. See `SearchResult`.
   *
   * Throws what reading the photograph throws, and `ArgumentError` for options out of range.
   */
  async search(photo: Photo, options: SearchOptions = {}): Promise<SearchResult> {
    this.#expectOpen('search');
    const picture = await readPhoto(photo);
    const { rows, head } = this.#loaded;
    const hasVectors = rows !== null && (this.#embedder !== null || head?.network !== null);
    const vectors = hasVectors ? await this.#vectorsOf('search', [picture]) : null;
    return searchTiers(this.#loaded, await fingerprint(picture), vectors?.[0] ?? null, options);
  }

  /** The most similar photographs to a vector. Throws `ArgumentError` for another length than that of the index. */
  searchVector(vector: ArrayLike<number>, options: SearchOptions = {}): Match[] {
    this.#expectOpen('searchVector');
    const { rows } = this.#loaded;
    if (rows !== null && vector.length !== rows.format.dimension) throw wrongLength('searchVector', vector, rows);
    return searchVectors(this.#loaded, normalized(Float32Array.from(vector)), options);
  }

  /**
   * Builds the graph that makes searches quick, and keeps it in the file. Worth it past some 100,000 photographs: below, comparing with all is as quick and
   * misses nothing. Photographs that are added later join the graph.
   *
   * `onProgress` is called with the number of vectors that are in the graph, and of all.
   */
  async buildGraph(
    options: {
      links?: number | undefined;
      effort?: number | undefined;
      onProgress?: ((done: number, total: number) => void) | undefined;
    } = {},
  ): Promise<void> {
    checkOptions('buildGraph', options, ['links', 'effort', 'onProgress']);
    this.#expectOpen('buildGraph', true);
    const { links = 16, effort = 120, onProgress } = options;
    checkWhole('buildGraph', 'links', links, 2);
    checkWhole('buildGraph', 'effort', effort, 1);
    const { rows } = this.#loaded;
    if (rows === null) throw new ArgumentError(`buildGraph: ${this.#file.name} has no vectors.`);
    const graph = await buildGraph(rows, { links, effort, onProgress });
    await this.#file.append(framed(writePayload({ kind: 'graph', graph: graph.toArrays() })));
    this.#loaded = { ...this.#loaded, graph };
  }

  /**
   * Writes the file anew without what was deleted or replaced. A graph is left out where something was: build it again.
   */
  async compact(): Promise<void> {
    this.#expectOpen('compact', true);
    await this.#file.replace(writeIndex(this.#loaded));
    const { note: _, ...loaded } = await loadIndex(this.#file, { readOnly: false, repair: false });
    this.#loaded.rows?.release();
    this.#loaded = loaded;
  }

  /** Everything as the bytes of a file. */
  toBytes(): Uint8Array {
    const file = memoryFile();
    void file.replace(writeIndex(this.#loaded));
    return file.bytes();
  }

  /** Lets other processes write the file, and gives memory back. The index can't be used afterwards. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#loaded.rows?.release();
    await this.#file.close();
  }

  async #vectorsOf(who: string, pictures: readonly Picture[]): Promise<Float32Array[] | null> {
    if (this.#embedder === null) {
      if (this.#loaded.rows === null) return null;
      throw new ArgumentError(
        `${who}: ${this.#file.name} has vectors, but was opened without the classifier that makes them. Pass classifier to open.`,
      );
    }
    if (pictures.length === 0) return [];
    const vectors = await this.#embedder.embedPictures(pictures);
    const projection = this.#projection();
    return projection === null ? vectors : vectors.map((vector) => normalized(project(projection, vector)));
  }

  #projection(): Projection | null {
    return this.#loaded.head === null ? (this.#options.projection ?? null) : this.#loaded.projection;
  }

  async #put(records: readonly (Omit<Entry, 'row'> & { vector: Float32Array | null })[]): Promise<void> {
    this.#expectOpen('add', true);
    const [first] = records;
    if (first === undefined) return;
    const { precision = 'int8' } = this.#options;
    const size = first.vector?.length ?? 0;
    const format = this.#loaded.rows?.format ?? (size === 0 ? null : rowFormat(precision, size));
    const entries = records.map(({ vector, ...entry }) => {
      if (vector === null || format === null) return { ...entry, row: null };
      if (vector.length !== format.dimension) throw wrongLength('add', vector, { format });
      const row = new Uint8Array(format.stride);
      writeRow(format, row, vector);
      return { ...entry, row };
    });
    await this.#write(entries, size);
  }

  /** Adds entries to the file, then to memory. */
  async #write(entries: readonly Entry[], dimension = this.dimension): Promise<void> {
    this.#expectOpen('add', true);
    const begin = this.#loaded.head === null ? this.#begin(dimension) : null;
    const payloads = [...(begin?.payloads ?? []), ...entries.map((entry) => ({ kind: 'put', entry }) as const)];
    await this.#file.append(joined(begin !== null, payloads));
    if (begin !== null) this.#loaded = { ...this.#loaded, ...begin.loaded };
    const { near, rows, graph } = this.#loaded;
    for (const entry of entries) {
      const number = this.#loaded.entries.put(entry);
      if (entry.hashes !== null) near.add(number, entry.hashes);
      if (rows === null) continue;
      if (entry.row === null) rows.push(new Float32Array(rows.format.dimension));
      else rows.pushRow(entry.row);
      graph?.add();
    }
  }

  /** The first records of a new file. */
  #begin(dimension: number): { payloads: Payload[]; loaded: Pick<LoadedIndex, 'head' | 'rows' | 'projection'> } {
    const { precision = 'int8', projection = null, info = {} } = this.#options;
    const layer = this.#options.layer ?? null;
    const head: IndexHead = { version: 1, dimension, precision, layer, network: this.#network, info };
    const rows = dimension === 0 ? null : new VectorRows(precision, dimension);
    const payloads: Payload[] = [
      { kind: 'head', head },
      ...(projection === null ? [] : [{ kind: 'projection', projection } as const]),
    ];
    return { payloads, loaded: { head, rows, projection } };
  }

  #expectOpen(who: string, writes = false): void {
    if (!this.#isOpen) throw new ArgumentError(`${who}: ${this.#file.name} was closed. Open it again.`);
    if (!writes || !this.#options.readOnly) return;
    throw new ArgumentError(
      `${who}: ${this.#file.name} was opened for reading. Open it without readOnly to change it.`,
    );
  }
}

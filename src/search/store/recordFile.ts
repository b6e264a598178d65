/** Where an index is kept: bytes that grow at their end. */
export interface RecordFile {
  /** For messages. */
  readonly name: string;
  /** All bytes there are; empty for a new file. */
  read(): Promise<Uint8Array>;
  /** Adds bytes at the end; when it returns, they are on the disk. */
  append(bytes: Uint8Array): Promise<void>;
  /** Cuts off what follows the first `length` bytes. */
  truncate(length: number): Promise<void>;
  /** Replaces everything; a crash leaves the old bytes or the new ones. */
  replace(pieces: Iterable<Uint8Array>): Promise<void>;
  close(): Promise<void>;
}

/** An index that is kept nowhere but in memory. */
export function memoryFile(initial: Uint8Array = new Uint8Array(0)): RecordFile & { bytes(): Uint8Array } {
  let pieces: Uint8Array[] = [initial];
  const joined = (): Uint8Array => {
    const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    pieces = [bytes];
    return bytes;
  };
  return {
    name: 'the index',
    bytes: joined,
    read: async () => joined(),
    append: async (bytes) => void pieces.push(bytes.slice()),
    truncate: async (length) => {
      pieces = [joined().slice(0, length)];
    },
    replace: async (all) => {
      pieces = [...all];
    },
    close: async () => undefined,
  };
}

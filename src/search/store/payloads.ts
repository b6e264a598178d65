import { FormatError } from '../../base/errors.js';
import type { Projection } from '../pca.js';
import type { VectorPrecision } from '../vectors/rowFormat.js';

/** What the first record says of all others. */
export interface IndexHead {
  readonly version: 1;
  /** Numbers of a vector; 0 for an index of hashes alone. */
  readonly dimension: number;
  readonly precision: VectorPrecision;
  /** The layer that vectors come from, and a digest of the network. */
  readonly layer: string | null;
  readonly network: string | null;
  /** What its owner wants to know later, such as the path of the model. */
  readonly info: Readonly<Record<string, unknown>>;
}

/** One photograph as it is kept. */
export interface Entry {
  readonly id: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Hashes of the photograph; null where only a vector was given. */
  readonly hashes: Uint8Array | null;
  /** The bytes of its row; null in an index of hashes alone. */
  readonly row: Uint8Array | null;
}

/** The links of a search graph: numbers of 32 bits. */
export interface GraphArrays {
  ground: Int32Array;
  starts: Int32Array;
  upper: Int32Array;
  entry: number;
  top: number;
  links: number;
}

export type Payload =
  | { readonly kind: 'head'; readonly head: IndexHead }
  | { readonly kind: 'put'; readonly entry: Entry }
  | { readonly kind: 'delete'; readonly id: string }
  | { readonly kind: 'projection'; readonly projection: Projection }
  | { readonly kind: 'graph'; readonly graph: GraphArrays };

const kinds = ['head', 'put', 'delete', 'projection', 'graph'] as const;

/** A payload as bytes: its kind, a text of JSON, and arrays, each after its length. */
export function writePayload(payload: Payload): Uint8Array {
  const number = kinds.indexOf(payload.kind);
  switch (payload.kind) {
    case 'head':
      return packed(number, payload.head, []);
    case 'put': {
      const { id, metadata, hashes, row } = payload.entry;
      return packed(number, { id, metadata }, [hashes ?? new Uint8Array(0), row ?? new Uint8Array(0)]);
    }
    case 'delete':
      return packed(number, { id: payload.id }, []);
    case 'projection':
      return packed(number, {}, [bytesOf(payload.projection.mean), bytesOf(payload.projection.basis)]);
    case 'graph': {
      const { ground, starts, upper, ...head } = payload.graph;
      return packed(number, head, [ground, starts, upper].map(bytesOf));
    }
  }
}

/** Reads what `writePayload` wrote. Throws `FormatError` for a kind that is not known: the file comes from a newer version. */
export function readPayload(bytes: Uint8Array): Payload {
  const { number, json, arrays } = unpacked(bytes);
  const kind = kinds[number];
  switch (kind) {
    case 'head':
      return { kind, head: json as IndexHead };
    case 'put': {
      const { id, metadata } = json as Pick<Entry, 'id' | 'metadata'>;
      const [hashes, row] = arrays.map((array) => (array.length === 0 ? null : array));
      return { kind, entry: { id, metadata, hashes, row } };
    }
    case 'delete':
      return { kind, id: (json as { id: string }).id };
    case 'projection':
      return {
        kind,
        projection: { mean: new Float32Array(aligned(arrays[0])), basis: new Float32Array(aligned(arrays[1])) },
      };
    case 'graph': {
      const [ground, starts, upper] = arrays.map((array) => new Int32Array(aligned(array)));
      return { kind, graph: { ...(json as { entry: number; top: number; links: number }), ground, starts, upper } };
    }
    default:
      throw new FormatError(`a record is of kind ${number}, which this version does not know.`);
  }
}

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

function packed(kind: number, json: object, arrays: readonly Uint8Array[]): Uint8Array {
  const text = encoder.encode(JSON.stringify(json));
  const bytes = new Uint8Array(5 + text.length + arrays.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  bytes[0] = kind;
  view.setUint32(1, text.length, true);
  bytes.set(text, 5);
  let at = 5 + text.length;
  for (const array of arrays) {
    view.setUint32(at, array.length, true);
    bytes.set(array, at + 4);
    at += 4 + array.length;
  }
  return bytes;
}

function unpacked(bytes: Uint8Array): { number: number; json: unknown; arrays: Uint8Array[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(1, true);
  const json: unknown = JSON.parse(decoder.decode(bytes.subarray(5, 5 + length)));
  const arrays: Uint8Array[] = [];
  for (let at = 5 + length; at < bytes.length; ) {
    const size = view.getUint32(at, true);
    arrays.push(bytes.subarray(at + 4, at + 4 + size));
    at += 4 + size;
  }
  return { number: bytes[0], json, arrays };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A copy that typed arrays of any kind can view. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

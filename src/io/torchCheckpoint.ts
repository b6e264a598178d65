import { FormatError } from '../base/errors.js';
import { sizeOf } from '../base/shape.js';
import { ByteCursor, EndOfBytes } from './byteCursor.js';
import { type ByteSource, readAt, sourceOf } from './byteSource.js';
import { type PickleHooks, readPickle } from './pickle.js';
import type { PickleValue } from './pickleValues.js';
import { TorchGlobals } from './torchGlobals.js';
import { gather, isContiguous, type StridedView, type TorchStorage } from './torchStorage.js';
import { isZip, StoredZip } from './zip.js';

/** The first value of every file in PyTorch's older format. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const WHO = 'torch checkpoint';

/**
 * Reads what `torch.save` wrote: dictionaries are Maps; lists and tuples are arrays; numbers and strings are themselves; a
 * tensor is a `TorchTensor` with `shape`, `data` (float32) and the `dtype` of the file. Both formats: the zip archive of
 * PyTorch 1.6 and later (TorchScript too), and the older one of pickles in a row. Nothing in the file is executed: an object of a
 * class that is not known here, such as an argparse.Namespace, becomes a record with `unknown` (the name of the class or function),
 * `args` and `state`.
 *
 * Tensors of float32 are views of `bytes` where they lie on a multiple of 4.
 *
 * Throws `FormatError` for a file that is truncated, damaged or of another format.
 *
 * Numerics: see `toFloat32`; F64 and 32- and 64-bit integers are rounded to the nearest float32.
 *
 * Source: torch/serialization.py of PyTorch.
 *
 * @example
 * model.loadStateDict(stateDictFromCheckpoint(readTorchCheckpoint(bytes)));
 */
export function readTorchCheckpoint(bytes: Uint8Array): PickleValue {
  const { value, views } = openTorchCheckpoint(sourceOf(bytes));
  keepTensors(views);
  return value;
}

/** What was saved; numbers of tensors are read when their `data` is asked for, and anew each time unless they are kept. */
export interface OpenCheckpoint {
  value: PickleValue;
  views: readonly StridedView[];
}

/** Reads all of a checkpoint but its tensors' numbers. Throws as `readTorchCheckpoint`. */
export function openTorchCheckpoint(source: ByteSource): OpenCheckpoint {
  const { value, globals } = isZip(source) ? readZipFormat(source) : readLegacyFormat(source);
  const { views } = globals;
  bindTensors(views, source.length);
  return { value, views };
}

/** Reads the numbers of tensors; those of one storage share memory. */
export function keepTensors(views: Iterable<StridedView>): void {
  for (const { tensor, storage } of views) {
    storage.keep();
    tensor.keep();
  }
}

/** Lends the bytes of the storage that was read last to the next tensor of it. */
function lastRead(): (storage: TorchStorage, read: () => Uint8Array) => void {
  let last: { storage: TorchStorage; bytes: Uint8Array } | null = null;
  return (storage, read) =>
    storage.bind(() => {
      if (last?.storage === storage) return last.bytes;
      last = null;
      last = { storage, bytes: read() };
      return last.bytes;
    });
}

interface Contents {
  value: PickleValue;
  globals: TorchGlobals;
}

/** <name>/data.pkl, and <name>/data/<key> for each storage. */
function readZipFormat(source: ByteSource): Contents {
  const globals = new TorchGlobals();
  const zip = new StoredZip(source);
  const names = zip.names();
  const pickle = names.find((name) => /(^|\/)data\.pkl$/.test(name));
  if (pickle === undefined) {
    throw new FormatError(`torch checkpoint: ${withoutPickle(names)}`);
  }
  const folder = pickle.slice(0, -'data.pkl'.length);
  if (names.includes(`${folder}byteorder`)) {
    const order = new TextDecoder().decode(zip.read(`${folder}byteorder`));
    if (order !== 'little') throw new FormatError(`torch checkpoint: the byte order is '${order}', not 'little'.`);
  }
  const { value } = readPickle(zip.read(pickle), 0, globals);
  const bind = lastRead();
  for (const storage of globals.storages.values()) bind(storage, () => zip.read(`${folder}data/${storage.key}`));
  return { value, globals };
}

/** What a zip archive without data.pkl is. */
function withoutPickle(names: readonly string[]): string {
  if (names.some((name) => /(^|\/)model\.json$/.test(name)) && names.some((name) => /(^|\/)code\//.test(name))) {
    return "this is a TorchScript archive of PyTorch before 1.4. Write its weights with PyTorch: torch.save(torch.jit.load(file).state_dict(), 'weights.pt').";
  }
  const few = names.slice(0, 5).join(', ') || 'nothing';
  const whose = names.every((name) => name.endsWith('.npy')) ? 'numpy wrote it' : 'torch.save did not write it';
  return `the zip archive has no data.pkl, but ${few}${names.length > 5 ? ', ...' : ''}, so ${whose}. If a checkpoint is among these files, unpack the archive and load that.`;
}

/** The pickles lie before the numbers, and nobody says how long they are. */
const FIRST_HEAD = 2 ** 20;
const LARGEST_HEAD = 2 ** 28;

/** Pickles in a row (magic number, protocol, system, the value, the keys of its storages), then each storage's length and bytes. */
function readLegacyFormat(source: ByteSource): Contents {
  for (const length of [FIRST_HEAD, LARGEST_HEAD]) {
    const head = source.read(0, Math.min(length, source.length));
    try {
      const { keys, end, ...contents } = readHead(head);
      bindStorages(source, end, keys, contents.globals.storages);
      return contents;
    } catch (error) {
      if (!(error instanceof EndOfBytes) || head.length === source.length || length === LARGEST_HEAD) throw error;
    }
  }
  throw new FormatError(`${WHO}: its pickles take more than ${LARGEST_HEAD} bytes.`);
}

function readHead(bytes: Uint8Array): Contents & { keys: PickleValue; end: number } {
  const globals = new TorchGlobals();
  const plain: PickleHooks = { global: () => undefined, persistentLoad: () => null };
  const first = bytes.length > 0 && bytes[0] === 0x80 ? readPickle(bytes, 0, plain) : null;
  if (first === null || first.value !== MAGIC) {
    const found =
      first === null
        ? 'the file begins neither as a zip archive nor as a pickle'
        : 'the file is a pickle, but not one of torch.save';
    throw new FormatError(
      `torch checkpoint: ${found}, so PyTorch did not write it, or it is damaged. Save a state dict with torch.save(model.state_dict(), file).`,
    );
  }
  const protocol = readPickle(bytes, first.end, plain);
  if (protocol.value !== PROTOCOL) {
    throw new FormatError(`torch checkpoint: protocol ${String(protocol.value)} is unknown; ${PROTOCOL} is known.`);
  }
  const system = readPickle(bytes, protocol.end, plain);
  if (!(system.value instanceof Map) || system.value.get('little_endian') !== true) {
    throw new FormatError('torch checkpoint: written on a machine with the big end first, which is not supported.');
  }
  const { value, end } = readPickle(bytes, system.end, globals);
  const keys = readPickle(bytes, end, plain);
  return { value, globals, keys: keys.value, end: keys.end };
}

function bindStorages(
  source: ByteSource,
  start: number,
  keys: PickleValue,
  storages: ReadonlyMap<string, TorchStorage>,
): void {
  const waiting = new Map(storages);
  const bind = lastRead();
  let at = start;
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === 'string' ? waiting.get(key) : undefined;
    if (storage === undefined)
      throw new FormatError('torch checkpoint: an unknown or repeated storage. The file is damaged.');
    waiting.delete(storage.key);
    const length = new ByteCursor(readAt(source, at, 8, WHO), 0, WHO).u64();
    if (length !== storage.length) {
      throw new FormatError(
        `torch checkpoint: storage ${storage.key} has ${length} elements where ${storage.length} were announced. The file is damaged.`,
      );
    }
    const begin = at + 8;
    at = begin + storage.byteLength;
    if (at > source.length) {
      throw new FormatError(
        `${WHO}: storage ${storage.key} ends at byte ${at}, but the file at ${source.length}. It is truncated.`,
      );
    }
    bind(storage, () => readAt(source, begin, storage.byteLength, WHO));
  }
  for (const key of waiting.keys())
    throw new FormatError(`torch checkpoint: storage ${key} is missing. The file is truncated.`);
}

/** Tensors become views of their storages where they can, copies where strides demand it. */
function bindTensors(views: readonly StridedView[], fileBytes: number): void {
  // A small file can describe endless copies (an expanded tensor has strides of 0): no honest one needs this many.
  let room = 2 ** 22 + 4 * fileBytes;
  for (const view of views) {
    const { tensor, storage, offset } = view;
    const size = sizeOf(tensor.shape);
    if (isContiguous(view)) {
      const isWhole = offset === 0 && size === storage.length;
      tensor.bind(() => (isWhole ? storage.values : storage.values.subarray(offset, offset + size)));
      continue;
    }
    room -= size;
    if (room < 0) {
      throw new FormatError(
        `torch checkpoint: its tensors unfold to far more than the file's ${fileBytes} bytes. It is damaged.`,
      );
    }
    tensor.bind(() => gather(view));
  }
}

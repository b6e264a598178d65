import { FormatError } from '../tensor/errors.js';
import { sizeOf } from '../tensor/shape.js';
import { ByteCursor } from './byteCursor.js';
import { DTYPE_BYTES } from './dtypes.js';
import { type PickleHooks, type PickleValue, readPickle } from './pickle.js';
import { TorchGlobals } from './torchGlobals.js';
import { gather, isContiguous, type TorchStorage } from './torchStorage.js';
import { isZip, StoredZip } from './zip.js';

/** The first value of every file in PyTorch's older format. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/**
 * Reads what `torch.save` wrote: dictionaries are Maps; lists and tuples are arrays; numbers and strings are themselves; a
 * tensor is a `TorchTensor` with `shape`, `data` (float32) and the `dtype` of the file. Both formats: the zip archive of
 * PyTorch 1.6 and later, and the older one of pickles in a row. Nothing in the file is executed.
 *
 * Tensors of float32 are views of `bytes` where they lie on a multiple of 4.
 *
 * Throws `FormatError` for a file that is truncated, damaged or of another format, and for one that needs any other class or
 * function, which it names.
 *
 * Numerics: see `toFloat32`; F64 and 32- and 64-bit integers are rounded to the nearest float32.
 *
 * Source: torch/serialization.py of PyTorch.
 *
 * @example
 * model.loadStateDict(stateDictFromCheckpoint(readTorchCheckpoint(bytes)));
 */
export function readTorchCheckpoint(bytes: Uint8Array): PickleValue {
  const globals = new TorchGlobals();
  const value = isZip(bytes) ? readZipFormat(bytes, globals) : readLegacyFormat(bytes, globals);
  fillTensors(globals, bytes.length);
  return value;
}

/** <name>/data.pkl, and <name>/data/<key> for each storage. */
function readZipFormat(bytes: Uint8Array, globals: TorchGlobals): PickleValue {
  const zip = new StoredZip(bytes);
  const names = zip.names();
  const pickle = names.find((name) => name.endsWith('/data.pkl'));
  if (pickle === undefined) {
    throw new FormatError('torch checkpoint: the zip archive has no data.pkl, so PyTorch did not write it.');
  }
  const folder = pickle.slice(0, -'data.pkl'.length);
  if (names.includes(`${folder}byteorder`)) {
    const order = new TextDecoder().decode(zip.read(`${folder}byteorder`));
    if (order !== 'little') throw new FormatError(`torch checkpoint: the byte order is '${order}', not 'little'.`);
  }
  const { value } = readPickle(zip.read(pickle), 0, globals);
  for (const storage of globals.storages.values()) storage.fill(zip.read(`${folder}data/${storage.key}`));
  return value;
}

/** Pickles in a row (magic number, protocol, system, the value, the keys of its storages), then each storage's length and bytes. */
function readLegacyFormat(bytes: Uint8Array, globals: TorchGlobals): PickleValue {
  const plain: PickleHooks = { global: () => undefined, persistentLoad: () => null };
  const first = bytes.length > 0 && bytes[0] === 0x80 ? readPickle(bytes, 0, plain) : null;
  if (first === null || first.value !== MAGIC) {
    throw new FormatError(
      'torch checkpoint: the file begins neither as a zip archive nor with the number of the older format. PyTorch did not write it, or it is damaged.',
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
  readStorages(new ByteCursor(bytes, keys.end, 'torch checkpoint'), keys.value, globals.storages);
  return value;
}

function readStorages(input: ByteCursor, keys: PickleValue, storages: ReadonlyMap<string, TorchStorage>): void {
  const waiting = new Map(storages);
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = typeof key === 'string' ? waiting.get(key) : undefined;
    if (storage === undefined)
      throw new FormatError('torch checkpoint: an unknown or repeated storage. The file is damaged.');
    waiting.delete(storage.key);
    const length = input.u64();
    if (length !== storage.length) {
      throw new FormatError(
        `torch checkpoint: storage ${storage.key} has ${length} elements where ${storage.length} were announced. The file is damaged.`,
      );
    }
    storage.fill(input.take(length * DTYPE_BYTES[storage.dtype]));
  }
  for (const key of waiting.keys())
    throw new FormatError(`torch checkpoint: storage ${key} is missing. The file is truncated.`);
}

/** Tensors become views of their storages where they can, copies where strides demand it. */
function fillTensors(globals: TorchGlobals, fileBytes: number): void {
  // A small file can describe endless copies (an expanded tensor has strides of 0): no honest one needs this many.
  let room = 2 ** 22 + 4 * fileBytes;
  for (const view of globals.views) {
    const { tensor, storage, offset } = view;
    const size = sizeOf(tensor.shape);
    if (isContiguous(view)) {
      tensor.data = storage.values.subarray(offset, offset + size);
      continue;
    }
    room -= size;
    if (room < 0) {
      throw new FormatError(
        `torch checkpoint: its tensors unfold to far more than the file's ${fileBytes} bytes. It is damaged.`,
      );
    }
    tensor.data = gather(view);
  }
}

import { FormatError } from '../tensor/errors.js';
import { PickleGlobal, type PickleHooks, type PickleValue } from './pickle.js';
import { checkView, STORAGE_TYPES, type StridedView, TorchStorage, TorchTensor } from './torchStorage.js';

/**
 * The few classes and functions that a checkpoint of tensors needs, and the storages and tensors that it names. All else is
 * refused by the pickle reader.
 */
export class TorchGlobals implements PickleHooks {
  readonly storages = new Map<string, TorchStorage>();
  readonly views: StridedView[] = [];

  global(name: string): PickleGlobal | undefined {
    if (STORAGE_TYPES.has(name)) return new PickleGlobal(name, refuseCall);
    if (/^torch\.(float|double|half|bfloat|u?int|bool)\d*$/.test(name)) return new PickleGlobal(name, refuseCall);
    const call = this.#calls.get(name);
    return call && new PickleGlobal(name, call);
  }

  /** ('storage', type, key, device, length): the storage of that key, the same object each time. */
  persistentLoad(id: PickleValue): TorchStorage {
    const [kind, type, key, , length] = Array.isArray(id) ? id : [];
    const dtype = type instanceof PickleGlobal ? STORAGE_TYPES.get(type.name) : undefined;
    if (kind !== 'storage' || dtype === undefined || typeof key !== 'string' || !isCount(length)) {
      throw new FormatError('torch checkpoint: a storage is not described as PyTorch does. The file is damaged.');
    }
    if (Array.isArray(id) && id.length > 5 && id[5] !== null) {
      throw new FormatError(
        'torch checkpoint: storages that view other storages (PyTorch before 0.4) are not supported.',
      );
    }
    const known = this.storages.get(key);
    if (known === undefined) {
      const storage = new TorchStorage(key, dtype, length);
      this.storages.set(key, storage);
      return storage;
    }
    if (known.dtype !== dtype || known.length !== length) {
      throw new FormatError(`torch checkpoint: storage ${key} is described in two ways. The file is damaged.`);
    }
    return known;
  }

  readonly #calls = new Map<string, (args: PickleValue[]) => PickleValue>([
    ['collections.OrderedDict', ([items]) => mapOf(items)],
    ['collections.defaultdict', () => new Map()],
    ['builtins.dict', ([items]) => mapOf(items)],
    ['builtins.set', ([items]) => new Set(Array.isArray(items) ? items : [])],
    ['__builtin__.set', ([items]) => new Set(Array.isArray(items) ? items : [])],
    ['torch.Size', ([items]) => (Array.isArray(items) ? items : [])],
    ['torch.device', ([type, index]) => `${type}${isCount(index) ? `:${index}` : ''}`],
    ['torch._utils._rebuild_tensor', (args) => this.#rebuildTensor(args)],
    ['torch._utils._rebuild_tensor_v2', (args) => this.#rebuildTensor(args)],
    ['torch._utils._rebuild_parameter', ([tensor]) => tensorOf(tensor)],
    ['torch.nn.parameter.Parameter', ([tensor]) => tensorOf(tensor)],
  ]);

  #rebuildTensor([storage, offset, size, strides]: PickleValue[]): TorchTensor {
    if (!(storage instanceof TorchStorage) || typeof offset !== 'number' || !isNumbers(size) || !isNumbers(strides)) {
      throw new FormatError('torch checkpoint: a tensor is not described as PyTorch does. The file is damaged.');
    }
    const tensor = new TorchTensor([...size], storage.dtype);
    const view = { tensor, storage, offset, strides: [...strides] };
    checkView(view);
    this.views.push(view);
    return tensor;
  }
}

function refuseCall(): never {
  throw new FormatError('torch checkpoint: an element type is called like a function. The file is damaged.');
}

function mapOf(items: PickleValue | undefined): Map<PickleValue, PickleValue> {
  if (items instanceof Map) return new Map(items);
  const pairs = Array.isArray(items) ? items : [];
  return new Map(
    pairs.map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) {
        throw new FormatError(
          'torch checkpoint: a dictionary is made of something that is no pair. The file is damaged.',
        );
      }
      return [pair[0], pair[1]];
    }),
  );
}

function tensorOf(value: PickleValue): TorchTensor {
  if (value instanceof TorchTensor) return value;
  throw new FormatError('torch checkpoint: a parameter is made of something that is no tensor. The file is damaged.');
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isNumbers(value: PickleValue): value is number[] {
  return Array.isArray(value) && value.every((n) => typeof n === 'number');
}

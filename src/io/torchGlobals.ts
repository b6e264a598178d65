import { FormatError } from '../base/errors.js';
import type { PickleHooks } from './pickle.js';
import { PickleGlobal, type PickleValue, UnknownObject } from './pickleValues.js';
import { plainGlobal } from './pythonGlobals.js';
import {
  checkView,
  OTHER_STORAGES,
  STORAGE_TYPES,
  type StridedView,
  TorchStorage,
  TorchTensor,
} from './torchStorage.js';

type Call = (args: PickleValue[]) => PickleValue;

/**
 * The few classes and functions of PyTorch that tensors need, and the storages and tensors that a checkpoint names. Of all others the
 * pickle reader makes `UnknownObject`s.
 */
export class TorchGlobals implements PickleHooks {
  readonly storages = new Map<string, TorchStorage>();
  readonly views: StridedView[] = [];

  global(name: string): PickleGlobal | undefined {
    const call = this.#calls.get(name);
    return call === undefined ? plainGlobal(name) : new PickleGlobal(name, call);
  }

  /** ('storage', type, key, device, length): the storage of that key, the same object each time. ('module', class, source): the class. */
  persistentLoad(id: PickleValue): PickleValue {
    const parts = Array.isArray(id) ? id : [];
    const kind = parts[0];
    const type = parts[1];
    const key = parts[2];
    const length = parts[4];
    if (kind === 'module' && type instanceof PickleGlobal) return type;
    if (kind !== 'storage' || !(type instanceof PickleGlobal) || typeof key !== 'string' || !isCount(length)) {
      throw new FormatError('torch checkpoint: a storage is not described as PyTorch does. The file is damaged.');
    }
    if (parts.length > 5 && parts[5] !== null) {
      throw new FormatError(
        'torch checkpoint: storages that view other storages (PyTorch before 0.4) are not supported.',
      );
    }
    const known = this.storages.get(key);
    if (known === undefined) {
      if (!STORAGE_TYPES.has(type.name) && !OTHER_STORAGES.has(type.name)) return new UnknownObject(type.name, parts);
      const storage = new TorchStorage(key, type.name, length);
      this.storages.set(key, storage);
      return storage;
    }
    if (known.type !== type.name || known.length !== length) {
      throw new FormatError(`torch checkpoint: storage ${key} is described in two ways. The file is damaged.`);
    }
    return known;
  }

  readonly #calls = new Map<string, Call>([
    ['torch.Size', ([items]) => (Array.isArray(items) ? items : [])],
    ['torch.device', ([type, index]) => `${type}${isCount(index) ? `:${index}` : ''}`],
    ['torch._utils._rebuild_tensor', (args) => this.#rebuildTensor('torch._utils._rebuild_tensor', args)],
    ['torch._utils._rebuild_tensor_v2', (args) => this.#rebuildTensor('torch._utils._rebuild_tensor_v2', args)],
    ['torch._utils._rebuild_parameter', ([tensor]) => tensorOf(tensor)],
    ['torch._utils._rebuild_parameter_with_state', ([tensor]) => tensorOf(tensor)],
    ['torch.nn.parameter.Parameter', ([tensor]) => tensorOf(tensor)],
    ['torch.nn.parameter.Buffer', ([tensor]) => tensorOf(tensor)],
    ['torch._tensor._rebuild_from_type', (args) => this.#rebuildFromType('torch._tensor._rebuild_from_type', args)],
    [
      'torch._tensor._rebuild_from_type_v2',
      (args) => this.#rebuildFromType('torch._tensor._rebuild_from_type_v2', args),
    ],
  ]);

  #rebuildTensor(name: string, args: PickleValue[]): PickleValue {
    const storage = args[0];
    const offset = args[1];
    const size = args[2];
    const strides = args[3];
    if (storage instanceof UnknownObject) return new UnknownObject(name, args);
    if (!(storage instanceof TorchStorage) || typeof offset !== 'number' || !isNumbers(size) || !isNumbers(strides)) {
      throw new FormatError('torch checkpoint: a tensor is not described as PyTorch does. The file is damaged.');
    }
    const { dtype } = storage;
    if (dtype === null) return new UnknownObject(name, args);
    const tensor = new TorchTensor([...size], dtype);
    const view = { tensor, storage, offset, strides: [...strides] };
    checkView(view);
    this.views.push(view);
    return tensor;
  }

  /** (function, class, arguments, state): a tensor of a class derived from Tensor holds the same numbers. */
  #rebuildFromType(name: string, args: PickleValue[]): PickleValue {
    const [rebuild, , rest] = args;
    const call = rebuild instanceof PickleGlobal ? this.#calls.get(rebuild.name) : undefined;
    const nested = rebuild instanceof PickleGlobal && rebuild.name.startsWith('torch._tensor.');
    return call !== undefined && !nested && Array.isArray(rest) ? call(rest) : new UnknownObject(name, args);
  }
}

function tensorOf(value: PickleValue): PickleValue {
  if (value instanceof TorchTensor || value instanceof UnknownObject) return value;
  throw new FormatError('torch checkpoint: a parameter is made of something that is no tensor. The file is damaged.');
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isNumbers(value: PickleValue): value is number[] {
  return Array.isArray(value) && value.every((n) => typeof n === 'number');
}

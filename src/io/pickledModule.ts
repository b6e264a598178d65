import { FormatError } from '../base/errors.js';
import { type PickleValue, UnknownObject } from './pickleValues.js';
import { TorchTensor } from './torchStorage.js';

const DEEPEST = 200;

/**
 * The state dict of a module that was pickled whole (`torch.save(model)`) or as TorchScript, read from the record of its attributes;
 * null for other objects. `budget` is how many attributes may be looked at.
 */
export function moduleEntries(record: UnknownObject, budget: { left: number }): Map<string, PickleValue> | null {
  if (partsOf(record) === null) return null;
  const entries = new Map<string, PickleValue>();
  // In the order of Python: a module's own tensors before those of its children.
  const waiting = [{ record, prefix: '', depth: 0 }];
  while (waiting.length > 0) {
    const { record, prefix, depth } = waiting.pop() as (typeof waiting)[number];
    const parts = partsOf(record);
    if (parts === null) continue;
    budget.left -= 1 + parts.size;
    if (depth > DEEPEST || budget.left < 0) {
      throw new FormatError('torch checkpoint: a module contains itself, or modules without end. The file is damaged.');
    }
    for (const [name, tensor] of parts.tensors) entries.set(prefix + name, tensor);
    for (const [name, child] of parts.children.reverse()) {
      waiting.push({ record: child, prefix: `${prefix}${name}.`, depth: depth + 1 });
    }
  }
  return entries;
}

interface Parts {
  size: number;
  tensors: [string, PickleValue][];
  children: [string, UnknownObject][];
}

function partsOf({ unknown, state }: UnknownObject): Parts | null {
  if (!(state instanceof Map)) return null;
  if (unknown.startsWith('__torch__.')) return split([...state], isTensor);
  const modules = state.get('_modules');
  const parameters = state.get('_parameters');
  const buffers = state.get('_buffers');
  if (!(modules instanceof Map && parameters instanceof Map && buffers instanceof Map)) return null;
  const hidden = state.get('_non_persistent_buffers_set');
  const kept = [...buffers].filter(([name]) => !(hidden instanceof Set && hidden.has(name)));
  const { tensors } = split([...parameters, ...kept], (value) => value !== null);
  const { children } = split([...modules], () => false);
  return { size: parameters.size + buffers.size + modules.size, tensors, children };
}

function split(entries: [PickleValue, PickleValue][], isWeight: (value: PickleValue) => boolean): Parts {
  const parts: Parts = { size: entries.length, tensors: [], children: [] };
  for (const [name, value] of entries) {
    if (typeof name !== 'string') continue;
    if (isWeight(value)) parts.tensors.push([name, value]);
    else if (value instanceof UnknownObject) parts.children.push([name, value]);
  }
  return parts;
}

function isTensor(value: PickleValue): boolean {
  return value instanceof TorchTensor;
}

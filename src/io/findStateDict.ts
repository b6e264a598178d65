import { FormatError } from '../base/errors.js';
import { moduleEntries } from './pickledModule.js';
import { EMPTY_TUPLE, type PickleValue, UnknownObject } from './pickleValues.js';
import { TorchTensor } from './torchStorage.js';

/** A tensor, or the record of one that cannot be read. */
export type NamedWeight = [name: string, weight: TorchTensor | UnknownObject];

interface Candidate {
  /** The way to it from the checkpoint, such as 'ema.state_dict'. */
  key: string;
  weights: NamedWeight[];
}

/** The names under which training scripts put the state dict, in the order in which they are tried. */
const USUAL_NAMES = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'net_state_dict',
  'model',
  'net',
  'network',
  'weights',
  'params',
  'module',
];
/** Dictionaries of tensors under such names are no weights of a model. */
const BOOKKEEPING = /optim|sched|scaler|rng|callback|loops/i;
/** Names that layers give their tensors, which a best accuracy or a random state doesn't have. */
const WEIGHTS = /(^|\.)(weight|bias|running_mean|running_var)$/;
/** Quantized and sparse tensors, and those of numpy. */
const TENSORS = { made: /^torch\._(utils|tensor)\._rebuild/, suffice: false };
const ARRAYS = { made: /^torch\._(utils|tensor)\._rebuild|^numpy\..*\._reconstruct$/, suffice: true };
const DEEPEST = 4;
const LONGEST_LIST = 16;
/** Modules may share parts, so that a small file could describe an endless tree. */
const MOST_ENTRIES = 2 ** 22;

/**
 * The state dict in a checkpoint: under one of the usual names if there's one, else the checkpoint itself, else the only dictionary
 * of tensors in it. `key` names it where that is not clear.
 *
 * Throws `FormatError` when there is none (it lists what there is) or several (it lists them).
 */
export function findStateDict(checkpoint: PickleValue, key?: string): NamedWeight[] {
  // Dictionaries that hold nothing but tensors that cannot be read are found too, for the sake of the message.
  for (const find of [new Search(TENSORS), new Search(ARRAYS)]) {
    const weights =
      key === undefined ? find.choose(checkpoint, '', 0)?.weights : find.weightsOf(partAt(checkpoint, key.split('.')));
    if (weights !== undefined && weights.length > 0) return weights;
  }
  const under = key === undefined ? `in the checkpoint or under ${USUAL_NAMES.join(', ')}` : `under the key '${key}'`;
  throw new FormatError(
    `stateDictFromCheckpoint: no tensors found ${under}. It is ${describe(checkpoint)}. Pass { key } with the name of the entry that holds the state dict.`,
  );
}

class Search {
  readonly #seen = new Set<PickleValue>();
  readonly #tried = new Set<PickleValue>();
  readonly #budget = { left: MOST_ENTRIES };

  /** `records`: objects of what classes and functions are taken for tensors that cannot be read, and whether they suffice. */
  constructor(readonly records: { made: RegExp; suffice: boolean }) {}

  choose(part: PickleValue, key: string, depth: number): Candidate | null {
    if (this.#tried.has(part) || depth > DEEPEST) return null;
    this.#tried.add(part);
    if (part instanceof Map) {
      for (const name of USUAL_NAMES) {
        const inner = part.has(name) ? this.choose(part.get(name) ?? null, join(key, name), depth + 1) : null;
        if (inner !== null) return inner;
      }
    }
    const own = this.weightsOf(part);
    this.#seen.clear();
    const others = childrenOf(part).flatMap(([name, child]) => this.#candidates(child, join(key, name), 1));
    if (own.length > 0 && (others.length === 0 || looksLikeWeights(own))) return { key, weights: own };
    const likely = others.filter(({ weights }) => looksLikeWeights(weights));
    const [first, ...more] = likely.length > 0 ? likely : others;
    if (more.length === 0) return first ?? null;
    const list = [first, ...more].map(({ key, weights }) => `'${key}' (${weights.length} tensors)`);
    throw new FormatError(
      `stateDictFromCheckpoint: the checkpoint holds several state dicts: ${list.slice(0, 20).join(', ')}. Choose one with { key: '${first.key}' }.`,
    );
  }

  #candidates(part: PickleValue, key: string, depth: number): Candidate[] {
    if (typeof part !== 'object' || part === null || this.#seen.has(part)) return [];
    this.#seen.add(part);
    const weights = this.weightsOf(part);
    if (weights.length > 0) return [{ key, weights }];
    if (depth === DEEPEST) return [];
    return childrenOf(part).flatMap(([name, child]) => this.#candidates(child, join(key, name), depth + 1));
  }

  weightsOf(part: PickleValue): NamedWeight[] {
    const entries = part instanceof UnknownObject ? (moduleEntries(part, this.#budget) ?? part.entries) : part;
    if (!(entries instanceof Map)) return [];
    const weights: NamedWeight[] = [];
    let tensors = 0;
    for (const [name, value] of entries) {
      if (typeof name !== 'string') continue;
      if (value instanceof TorchTensor) tensors = weights.push([name, value]);
      else if (value instanceof UnknownObject && this.records.made.test(value.unknown)) weights.push([name, value]);
    }
    return tensors > 0 || this.records.suffice ? weights : [];
  }
}

/** The entries of a dictionary or short list that might hold weights. */
function childrenOf(part: PickleValue): [string, PickleValue][] {
  const entries = part instanceof UnknownObject ? part.entries : part;
  if (entries instanceof Map) {
    return [...entries].filter((entry): entry is [string, PickleValue] => {
      const [name, child] = entry;
      const isContainer = typeof child === 'object' && child !== null && !(child instanceof TorchTensor);
      return isContainer && typeof name === 'string' && !BOOKKEEPING.test(name);
    });
  }
  if (Array.isArray(entries) && entries !== EMPTY_TUPLE && entries.length <= LONGEST_LIST) {
    return entries.map((item, i) => [String(i), item]);
  }
  return [];
}

/** What stands under a key, whose parts are joined by dots; names may have dots in them too. */
function partAt(part: PickleValue, names: string[]): PickleValue {
  if (names.length === 0) return part;
  for (let n = 1; n <= names.length; n++) {
    const name = names.slice(0, n).join('.');
    const entries = part instanceof UnknownObject ? part.entries : part;
    const child =
      entries instanceof Map ? entries.get(name) : Array.isArray(entries) ? entries[Number(name)] : undefined;
    const found = child === undefined ? null : partAt(child, names.slice(n));
    if (found !== null) return found;
  }
  return null;
}

function looksLikeWeights(weights: NamedWeight[]): boolean {
  return weights.some(([name]) => WEIGHTS.test(name));
}

function join(key: string, name: string): string {
  return key === '' ? name : `${key}.${name}`;
}

function describe(value: PickleValue): string {
  if (value instanceof UnknownObject) return `an object of ${value.unknown}`;
  if (!(value instanceof Map)) return value === null ? 'null' : `a ${value.constructor.name.toLowerCase()}`;
  const names = [...value.keys()].slice(0, 20).map((key) => (typeof key === 'string' ? key : typeof key));
  return `a dictionary of ${names.length === 0 ? 'nothing' : names.join(', ')}`;
}

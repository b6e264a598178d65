import { FormatError } from '../base/errors.js';

export interface Renaming {
  /** Taken off the front of names that have it. Default: what wraps all names, such as DataParallel's 'module.'. */
  prefix?: string | undefined;
  /** The new name of each entry (after the prefix is off); null leaves it out. Default: names stay. */
  rename?: ((name: string) => string | null) | undefined;
}

/** What PyTorch's wrappers put before the name of every entry: DataParallel, torch.compile, FSDP, DeepSpeed. */
const WRAPPERS = ['module.', '_orig_mod.', '_fsdp_wrapped_module.', '_forward_module.'];
/** The field of a LightningModule that usually holds the network. */
const LIGHTNING = 'model.';
/** How many models an AveragedModel is the mean of, which stands outside of its 'module.'. */
const COUNT = 'n_averaged';

export interface Guess {
  /** Whether PyTorch Lightning wrote the checkpoint. */
  lightning?: boolean | undefined;
  /** The names of the model that the weights are for. */
  wanted?: readonly string[] | undefined;
}

/** Takes the prefix off, and gives new names. Throws `FormatError` when two entries end up with one name. */
export function renamed<T>(
  entries: Iterable<readonly [string, T]>,
  { prefix, rename = (name: string) => name }: Renaming,
  guess: Guess = {},
): Map<string, T> {
  const list = [...entries];
  const front =
    prefix ??
    commonPrefix(
      list.map(([name]) => name),
      guess,
    );
  const all = new Map<string, T>();
  for (const [key, entry] of list) {
    if (prefix === undefined && front !== '' && key === COUNT) continue;
    const name = rename(key.startsWith(front) ? key.slice(front.length) : key);
    if (name === null) continue;
    if (all.has(name)) throw new FormatError(`stateDictFromCheckpoint: two entries end up with the name ${name}.`);
    all.set(name, entry);
  }
  return all;
}

/** What stands before all names and is no part of them. */
function commonPrefix(names: readonly string[], { lightning = false, wanted }: Guess): string {
  const counted = names.filter((name) => name !== COUNT);
  const [first] = counted;
  if (first === undefined) return '';
  const wrappers = lightning ? [...WRAPPERS, LIGHTNING] : WRAPPERS;
  const onAll = (prefix: string): boolean => counted.every((name) => name.startsWith(prefix));
  const have = new Set(wanted === undefined ? [] : counted);
  const fits = (prefix: string): boolean => wanted?.every((name) => have.has(prefix + name)) ?? false;
  let prefix = '';
  for (;;) {
    if (fits(prefix)) return prefix;
    const next = wrappers.find((wrapper) => onAll(prefix + wrapper));
    if (next === undefined) break;
    prefix += next;
  }
  // A prefix of any name that the model fits behind: the field of a class around the network.
  for (let dot = first.indexOf('.'); dot >= 0; dot = first.indexOf('.', dot + 1)) {
    const longer = first.slice(0, dot + 1);
    if (!onAll(longer)) break;
    if (fits(longer)) return longer;
  }
  return prefix;
}

import { ArgumentError } from './errors.js';
import { version } from './version.js';

// Two copies of the library in one process, such as two installed versions, have a heap and classes each: a pointer into one heap means
// nothing in the other. So the copies know of each other, across versions, and what belongs to another one is refused.

/** How one copy presents itself to the others. Other versions read it: it may grow, but what it has stays. */
interface Copy {
  readonly version: string;
  /** Where its code lies, as the engine writes it: a URL or a path, line and column. */
  readonly place: string;
  /** Called when another copy has come. */
  readonly onAnother: () => void;
  /** Whether a heap of this copy has that memory. */
  readonly owns: (memory: ArrayBufferLike) => boolean;
}

interface Registry {
  readonly copies: Copy[];
  warned: boolean;
}

/** The mark of tensors and modules that every copy understands. */
const KIND = Symbol.for('stridenet.kind');
const REGISTRY = Symbol.for('stridenet.copies');

type Kind = 'Tensor' | 'Module';
const classes = new Map<Kind, abstract new (...args: never[]) => object>();
/** Every buffer that a heap of this copy has had: growth gives a memory a new one, and V8 another some time later if it is shared. */
const ownMemory = new WeakSet<ArrayBufferLike>();
const listeners: (() => void)[] = [];
let several = false;

const own: Copy = {
  version,
  place: placeOf(new Error().stack),
  onAnother: () => {
    several = true;
    for (const listener of listeners) listener();
  },
  owns: (memory) => ownMemory.has(memory),
};
const registry = ((globalThis as { [REGISTRY]?: Registry | undefined })[REGISTRY] ??= { copies: [], warned: false });
register();

function register(): void {
  const others = [...registry.copies];
  registry.copies.push(own);
  if (others.length === 0) return;
  for (const { onAnother } of [...others, own]) onAnother();
  // The same file once more is meant: a test runner has reset its modules, or a page has been updated in place.
  const other = others.find(({ place }) => place !== own.place);
  if (other === undefined || registry.warned) return;
  registry.warned = true;
  console.warn(
    `stridenet: this process has loaded two copies of the library, version ${described(other)} and version ${described(own)}. Tensors and modules of one do not work with the other. Import it from one place: \`npm ls stridenet\` shows which versions are installed.`,
  );
}

function described({ version, place }: Copy): string {
  return place === '' ? version : `${version} (${place})`;
}

/** The first place that a stack names, without what a bundler or test runner adds to a URL. */
function placeOf(stack: unknown): string {
  const line = typeof stack === 'string' ? stack.split('\n').find((line) => /:\d+:\d+/.test(line)) : undefined;
  const place = line?.match(/(?:[a-z-]+:\/\/|[A-Za-z]:[\\/]|\/)\S*:\d+:\d+/)?.[0] ?? line?.trim() ?? '';
  return place.replace(/[?#][^:]*/, '');
}

/** Whether this process has loaded another copy of the library too. */
export function hasSeveralCopies(): boolean {
  return several;
}

/** Calls `listener` once there are several copies: now, or when another one comes. */
export function whenSeveralCopies(listener: () => void): void {
  listeners.push(listener);
  if (several) listener();
}

/** Lets other copies see what instances of `owner` are. */
export function markKind(kind: Kind, owner: abstract new (...args: never[]) => object): void {
  classes.set(kind, owner);
  Object.defineProperty(owner.prototype, KIND, { value: kind });
}

/** Whether it is a tensor or a module, of this copy or another one. */
export function hasKind(value: unknown): value is object {
  return typeof value === 'object' && value !== null && KIND in value;
}

/** Called with each buffer that tensors of this copy lie in. */
export function rememberMemory(memory: ArrayBufferLike): void {
  ownMemory.add(memory);
}

/**
 * Throws `ArgumentError` when `value` is a tensor or a module of another copy of the library; `what` names it.
 * Anything else passes.
 */
export function expectOwn(what: string, value: unknown): void {
  if (!several || typeof value !== 'object' || value === null || !(KIND in value)) return;
  const kind = value[KIND] as Kind;
  const owner = classes.get(kind);
  if (owner === undefined || value instanceof owner) return;
  const { data } = value as { data?: ArrayBufferView | undefined };
  throw foreign(what, `a ${nameOf(value)}`, ArrayBuffer.isView(data) ? copyThatOwns(data) : undefined);
}

/** The name of its class; bundlers put a line before some. */
function nameOf(value: object): string {
  return value.constructor.name.replace(/^_/, '');
}

/** Throws `ArgumentError` when `view` lies in the heap of another copy of the library. */
export function expectOwnMemory(who: string, view: ArrayBufferView): void {
  if (ownMemory.has(view.buffer)) return;
  const other = copyThatOwns(view);
  if (other !== undefined) throw foreign(who, 'the data of a tensor', other);
}

function copyThatOwns(view: ArrayBufferView): Copy | undefined {
  return registry.copies.find((copy) => copy !== own && copy.owns(view.buffer));
}

/** The error about what belongs to another copy: that one, or the only one that it can be. */
export function foreign(who: string, what: string, other?: Copy): ArgumentError {
  const others = registry.copies.filter((copy) => copy !== own);
  const known = other ?? (others.length === 1 ? others[0] : undefined);
  const from = known === undefined ? '' : `, version ${described(known)}`;
  return new ArgumentError(
    `${who}: got ${what} of another copy of stridenet${from}, which this copy, version ${described(own)}, cannot use: each has a memory and classes of its own. Import the library from one place, or copy the numbers: Tensor.from(t.data, t.shape), or loadStateDict(model.stateDict()).`,
  );
}

import { expectOwn } from '../base/copies.js';
import { describeValue, isPromise } from '../base/describeValue.js';
import { ArgumentError } from '../base/errors.js';
import { Tensor } from '../tensor/tensor.js';
import { modulesOf } from './withMode.js';

/** Called with a module and its input before its `forward` runs. If it returns a tensor, the module gets this one instead. */
export type ForwardPreHook<M = object> =
  | ((module: M, input: Tensor) => Tensor | undefined)
  | ((module: M, input: Tensor) => void);

/** Called with a module, its input and its output after its `forward` returned. If it returns a tensor, this one replaces the output. */
export type ForwardHook<M = object> =
  | ((module: M, input: Tensor, output: Tensor) => Tensor | undefined)
  | ((module: M, input: Tensor, output: Tensor) => void);

/** A registered hook. */
export interface HookHandle {
  /** Ends the calls of the hook. Calling it again does nothing. */
  remove(): void;
}

/** What runs in place of a method: `run` calls the method itself. */
export type Around = (module: object, input: Tensor, run: (input: Tensor) => Tensor) => Tensor;

/** The methods that run a module: batch norm has a second one, which ends with a ReLU. */
export const forwardMethods = ['forward', 'forwardRelu'] as const;

interface Hooks {
  before: { hook: ForwardPreHook<never> }[];
  after: { hook: ForwardHook<never> }[];
  uninstall: () => void;
}

type Method = (this: object, input: Tensor, ...rest: unknown[]) => Tensor;

const hooked = new WeakMap<object, Hooks>();
/** At least as many as have hooks; modules that became garbage with theirs still count. */
let modulesWithHooks = 0;

interface HookTree {
  namedChildren(): Iterable<[string, HookTree]>;
}

/** See `Module.registerForwardPreHook`. */
export function addForwardPreHook(module: object, hook: ForwardPreHook<never>): HookHandle {
  const hooks = hooksOf('registerForwardPreHook', module, hook);
  return added(module, hooks, hooks.before, { hook });
}

/** See `Module.registerForwardHook`. */
export function addForwardHook(module: object, hook: ForwardHook<never>): HookHandle {
  const hooks = hooksOf('registerForwardHook', module, hook);
  return added(module, hooks, hooks.after, { hook });
}

/** Whether a hook is registered on a module or one inside it. Without any hook anywhere the question costs nothing. */
export function hasHooks(module: HookTree): boolean {
  if (modulesWithHooks === 0) return false;
  for (const each of modulesOf(module)) if (hooked.has(each)) return true;
  return false;
}

/** Replaces a method of a module, or of the prototype of its class, until the returned function is called. */
export function replaceMethod(holder: object, method: string, around: Around): () => void {
  const own = Object.getOwnPropertyDescriptor(holder, method);
  const value: Method = function (input, ...rest) {
    // Looked up at each call, since the method of the class may be replaced meanwhile.
    const original = (own?.value ?? Reflect.get(Object.getPrototypeOf(holder), method)) as Method;
    return around(this, input, (x) => original.call(this, x, ...rest));
  };
  Object.defineProperty(holder, method, {
    configurable: true,
    writable: true,
    enumerable: own?.enumerable ?? false,
    value,
  });
  return () => {
    // A forward that was assigned meanwhile stays.
    if (Object.getOwnPropertyDescriptor(holder, method)?.value !== value) return;
    if (own === undefined) Reflect.deleteProperty(holder, method);
    else Object.defineProperty(holder, method, own);
  };
}

function hooksOf(who: string, module: object, hook: unknown): Hooks {
  const name = module.constructor.name;
  if (typeof hook !== 'function') {
    throw new ArgumentError(`${who}: the hook for ${name} is ${describeValue(hook)}, but must be a function.`);
  }
  const known = hooked.get(module);
  if (known !== undefined) return known;
  if (!Object.isExtensible(module)) {
    throw new ArgumentError(`${who}: ${name} cannot have hooks, because it is frozen. Leave out Object.freeze.`);
  }
  const hooks: Hooks = { before: [], after: [], uninstall: () => undefined };
  const undo = forwardMethods
    .filter((method) => typeof Reflect.get(module, method) === 'function')
    .map((method) => replaceMethod(module, method, (target, input, run) => runHooked(hooks, target, input, run)));
  hooks.uninstall = () => {
    // In reverse, so that V8 drops the properties that it added last.
    for (const restore of undo.reverse()) restore();
  };
  hooked.set(module, hooks);
  modulesWithHooks++;
  return hooks;
}

function added<T>(module: object, hooks: Hooks, list: T[], entry: T): HookHandle {
  list.push(entry);
  return {
    remove() {
      const at = list.indexOf(entry);
      if (at < 0) return;
      list.splice(at, 1);
      if (hooks.before.length + hooks.after.length > 0) return;
      hooks.uninstall();
      hooked.delete(module);
      modulesWithHooks--;
    },
  };
}

/** (1) The hooks before may replace the input, (2) the module runs, (3) the hooks after may replace the output. */
function runHooked(hooks: Hooks, module: object, given: Tensor, run: (input: Tensor) => Tensor): Tensor {
  let input = given;
  for (const { hook } of [...hooks.before]) {
    input = replaced('registerForwardPreHook', module, (hook as ForwardPreHook)(module, input)) ?? input;
  }
  let output = run(input);
  for (const { hook } of [...hooks.after]) {
    output = replaced('registerForwardHook', module, (hook as ForwardHook)(module, input, output)) ?? output;
  }
  return output;
}

/** The tensor that a hook returned, if any. What else it returns does not matter, as in `() => shapes.push(output.shape)`. */
function replaced(who: string, module: object, result: unknown): Tensor | undefined {
  if (result instanceof Tensor) return result;
  expectOwn(`${who}: the result of the hook`, result);
  if (!isPromise(result)) return undefined;
  throw new ArgumentError(
    `${who}: the hook of ${module.constructor.name} returned a promise, but hooks cannot be async.`,
  );
}

import { expectOwn } from '../base/copies.js';
import { ArgumentError } from '../base/errors.js';
import { currentScope, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/tensor.js';
import { Module } from './module.js';

/**
 * Runs modules in sequence: each receives the output of the one before.
 *
 * Their names in the state dict are '0', '1', ..., or the keys if you pass a single record or Map instead.
 *
 * In a scope without a tape, as in `predict`, each intermediate result is released as soon as the next module is done with it, so a
 * deep network needs little memory. Call `keep` on intermediate results that you need later.
 *
 * Throws `ArgumentError` for an entry that is not a module, a name with a dot, or a position that does not exist.
 *
 * @example
 * new Sequential(new Conv2d(3, 16, 3), new ReLU(), new MaxPool2d(2)).forward(Tensor.zeros([8, 3, 32, 32])).shape; // [8, 16, 15, 15]
 * new Sequential({ conv: new Conv2d(3, 16, 3), relu: new ReLU() }).stateDict().keys(); // conv.weight, conv.bias
 */
export class Sequential extends Module {
  readonly #modules = new Map<string, Module>();

  constructor(...modules: readonly Module[] | [Readonly<Record<string, Module>>] | [ReadonlyMap<string, Module>]) {
    super();
    for (const [name, module] of entriesOf(modules)) this.#add(name, module);
  }

  forward(x: Tensor): Tensor {
    const outer = currentScope();
    const releases = outer !== null && outer.tape === null;
    let y = x;
    for (const module of this.#modules.values()) {
      const input = y;
      y = releases ? scope(() => module.forward(input)) : module.forward(input);
      // A view of the input (a reshape) holds its block itself; the input itself (an Identity) must stay.
      if (releases && input !== x && input !== y && outer.owns(input)) {
        outer.disown(input);
        input.dispose();
      }
    }
    return y;
  }

  /** How many modules there are. */
  get length(): number {
    return this.#modules.size;
  }

  /** The module at a position; -1 is the last. */
  at(position: number): Module {
    const module = [...this.#modules.values()].at(position);
    if (module === undefined || !Number.isInteger(position)) {
      throw new ArgumentError(`Sequential: there is no module ${position}; its length is ${this.length}.`);
    }
    return module;
  }

  /** Appends modules, named by their position. */
  push(...modules: readonly Module[]): this {
    for (const module of modules) this.#add(String(this.length), module);
    return this;
  }

  [Symbol.iterator](): Iterator<Module> {
    return this.#modules.values();
  }

  override *namedChildren(): Generator<[string, Module]> {
    yield* super.namedChildren();
    yield* this.#modules;
  }

  override replaceChild(name: string, module: Module): void {
    if (this.#modules.has(name)) this.#modules.set(name, module);
    else super.replaceChild(name, module);
  }

  override blankCopy(): this {
    return Object.setPrototypeOf(new Sequential(), Object.getPrototypeOf(this));
  }

  override copyPrivateFields(to: Module, copy: <T>(member: T) => T): void {
    for (const [name, module] of this.#modules) (to as Sequential).#modules.set(name, copy(module));
  }

  #add(name: string, module: Module): void {
    expectOwn(`Sequential: entry '${name}'`, module);
    if (!(module instanceof Module)) {
      throw new ArgumentError(`Sequential: entry '${name}' is ${describeValue(module)}, but must be a Module.`);
    }
    if (name === '' || name.includes('.') || this.#modules.has(name)) {
      throw new ArgumentError(
        `Sequential: '${name}' cannot name a module: names must be unique, not empty, and without a dot.`,
      );
    }
    this.#modules.set(name, module);
  }
}

function entriesOf(
  modules: readonly Module[] | [Readonly<Record<string, Module>>] | [ReadonlyMap<string, Module>],
): Iterable<[string, Module]> {
  const [first] = modules;
  if (modules.length === 1 && first instanceof Map) return first;
  if (modules.length === 1 && isRecord(first)) return Object.entries(first);
  return (modules as readonly Module[]).map((module, i): [string, Module] => [String(i), module]);
}

function isRecord(value: unknown): value is Record<string, Module> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function describeValue(value: unknown): string {
  return typeof value === 'object' && value !== null ? `a ${value.constructor?.name ?? 'object'}` : `${typeof value}`;
}

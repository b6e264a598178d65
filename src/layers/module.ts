import { expectOwn, hasKind, hasSeveralCopies, markKind } from '../base/copies.js';
import { ArgumentError, StateDictError } from '../base/errors.js';
import { formatShape, sameShape } from '../base/shape.js';
import type { StateDict } from '../base/stateDict.js';
import { Parameter } from '../tensor/parameter.js';
import { withFusion, withoutScope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { markFrozen } from './frozenMarks.js';
import { putMember, visitMembers } from './members.js';

/** The classes of the modules that were made: where a check of a model finds each `forward` that could run. */
export const moduleClasses = new Set<abstract new (...args: never) => Module>();

/**
 * A layer or a model: parameters, buffers, sub-modules and a forward computation.
 *
 * What a module holds is found in its fields, in the order in which they are defined: a `Parameter` is trained, any other
 * `Tensor` is a buffer (saved, not trained), a `Module` is a child. Fields may also hold arrays, plain objects, Maps and Sets of these,
 * nested as you like (`blocks.0.1`, `branches.left`). Keys of the state dict are the field names, keys and indices joined by dots;
 * parameters and buffers are written in snake_case (`runningMean` -> `running_mean`), modules as they stand. So a model whose fields bear
 * torchvision's names loads torchvision's weights. A module that stands in two places has both names; one that refers back to a module
 * around it, such as its parent, does not become that module's parent.
 *
 * Private fields (`#conv`), variables outside of the class and instances of other classes cannot be looked into: `fit` refuses a model
 * that uses layers there.
 *
 * @example
 * class Net extends Module {
 *   conv1 = new Conv2d(3, 16, 3, { padding: 1 });
 *   fc = new Linear(16, 10);
 *   forward(x: Tensor): Tensor {
 *     return this.fc.forward(globalAvgPool2d(relu(this.conv1.forward(x))));
 *   }
 * }
 */
export abstract class Module {
  /** true between `train()` and `eval()`: batch norm uses the batch, dropout drops. */
  training = true;

  constructor() {
    moduleClasses.add(new.target);
  }

  abstract forward(x: Tensor): Tensor;

  /** Switches this module and all below it to training mode, or with `false` to evaluation mode. */
  train(mode = true): this {
    for (const module of modulesOf(this)) module.training = mode;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** The direct sub-modules, named by their field and the keys below it. */
  *namedChildren(): Generator<[string, Module]> {
    if (hasSeveralCopies()) expectOwnFields(this);
    yield* childrenOf(this);
  }

  /**
   * Puts a module in the place of a direct child, named as `namedChildren()` does.
   *
   * Throws `ArgumentError` when there is no such child, or when it stands in a frozen array or object.
   */
  replaceChild(name: string, module: Module): void {
    let written: boolean | null = null;
    visitMembers(this, isTensorOrModule, (found, old, holder, key) => {
      if (found === name && old instanceof Module && written === null) written = putMember(holder, key, module);
    });
    if (written === null) throw new ArgumentError(`replaceChild: ${this.constructor.name} has no module '${name}'.`);
    if (!written) {
      throw new ArgumentError(
        `replaceChild: '${name}' of ${this.constructor.name} cannot be replaced, since what holds it is frozen. Leave out Object.freeze.`,
      );
    }
  }

  /** This module (named '') and all below it, each before its children. */
  *namedModules(prefix = ''): Generator<[string, Module]> {
    const found: [string, Module][] = [];
    addNamedModules(this, prefix, [], found);
    yield* found;
  }

  /** Each parameter once, even if two layers share it, so that an optimiser moves it once. */
  *namedParameters(): Generator<[string, Parameter]> {
    const seen = new Set<Parameter>();
    for (const [name, tensor] of this.namedTensors()) {
      if (!(tensor instanceof Parameter) || seen.has(tensor)) continue;
      seen.add(tensor);
      yield [name, tensor];
    }
  }

  *parameters(): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters()) yield parameter;
  }

  /** Tensors that are saved but not trained, such as running statistics. */
  *namedBuffers(): Generator<[string, Tensor]> {
    for (const [name, tensor] of this.namedTensors()) if (!(tensor instanceof Parameter)) yield [name, tensor];
  }

  /** Parameters and buffers in the order of the state dict: a module's parameters, its buffers, then its children's. */
  *namedTensors(): Generator<[string, Tensor]> {
    for (const [prefix, module] of this.namedModules()) {
      const parameters: [string, Tensor][] = [];
      const buffers: [string, Tensor][] = [];
      visitMembers(module, isTensorOrModule, (name, member) => {
        if (member instanceof Tensor) {
          (member instanceof Parameter ? parameters : buffers).push([join(prefix, snakeCase(name)), member]);
        }
      });
      yield* parameters;
      yield* buffers;
    }
  }

  /** Copies of all parameters and buffers. Throws `StateDictError` when two of them have one name. */
  stateDict(): StateDict {
    const state: StateDict = new Map();
    for (const [name, t] of tensorsByName(this, 'stateDict')) {
      state.set(name, { shape: [...t.shape], data: Float32Array.from(t.data) });
    }
    return state;
  }

  /**
   * Copies values into the parameters and buffers of the same names. With `strict` (the default) every name must match;
   * without, what matches is loaded and the rest is reported. Shapes must match either way. The module is untouched when
   * anything fails. `num_batches_tracked` is ignored.
   *
   * Throws `StateDictError` that lists every missing, unexpected and misshapen entry, and for a model of which two tensors have one name.
   */
  loadStateDict(
    state: StateDict,
    options: { strict?: boolean | undefined } = {},
  ): { missing: string[]; unexpected: string[] } {
    const own = tensorsByName(this, 'loadStateDict');
    const missing = [...own.keys()].filter((name) => !state.has(name));
    const unexpected = [...state.keys()].filter((name) => !own.has(name) && !name.endsWith('num_batches_tracked'));
    const misshapen: string[] = [];
    for (const [name, { shape, data }] of state) {
      const t = own.get(name);
      if (t === undefined) continue;
      if (!sameShape(t.shape, shape) || data.length !== t.size) {
        misshapen.push(
          `${name}: model ${formatShape(t.shape)}, state dict ${formatShape(shape)} with ${data.length} values`,
        );
      }
    }
    const strict = options.strict ?? true;
    if (misshapen.length > 0 || (strict && missing.length + unexpected.length > 0)) {
      throw new StateDictError(describeMismatch(this.constructor.name, missing, unexpected, misshapen));
    }
    for (const [name, { data }] of state) own.get(name)?.dataToOverwrite.set(data);
    return { missing, unexpected };
  }

  /**
   * Logits for x, in evaluation mode and without a tape; each module's mode is restored afterwards. Everything made on the
   * way is released but the result.
   *
   * A batch norm, ReLU or ReLU6 that follows a convolution is computed with it, in one pass: convolutions wait until their numbers are
   * read. Weights are read anew each time. A `forward` that writes into the `data` of a tensor must not have given it to a convolution before.
   *
   * Numerics: within float32 rounding of `forward` in evaluation mode; batch norm becomes one product and one sum.
   */
  predict(x: Tensor): Tensor {
    const training = [...modulesOf(this)].filter((module) => module.training);
    for (const module of training) module.training = false;
    try {
      return withFusion(() => this.forward(x));
    } finally {
      for (const module of training) module.training = true;
    }
  }

  /**
   * Freezes (`false`) or thaws the parameters of this module and all below it. `fit` leaves frozen modules in evaluation mode, so that their
   * running statistics stay too: see `trainUnfrozen`.
   */
  requiresGrad(requires = true): this {
    for (const module of modulesOf(this)) markFrozen(module, !requires);
    for (const parameter of this.parameters()) parameter.requiresGrad = requires;
    return this;
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** The options worth showing in `toString()`, such as `3 -> 16, kernelSize=3`. */
  protected describe(): string {
    return '';
  }

  /** The tree of modules, one a line. */
  toString(): string {
    const children = printing.includes(this) ? [] : [...this.namedChildren()];
    const head = `${this.constructor.name}(${this.describe()}`;
    printing.push(this);
    try {
      const lines = children
        .filter(([, child]) => !printing.includes(child))
        .map(([name, child]) => `  (${name}): ${child.toString().replaceAll('\n', '\n  ')}`);
      return lines.length === 0 ? `${head})` : `${head}\n${lines.join('\n')}\n)`;
    } finally {
      printing.pop();
    }
  }
}

markKind('Module', Module);

/** The modules whose `toString` is under way, the outermost first: what refers back to one of them is left out. */
const printing: Module[] = [];

/** A tensor that belongs to its module and is saved with it, but not trained. */
export function buffer(make: () => Tensor): Tensor {
  return withoutScope(make);
}

/** Throws unless `value` is one of `allowed`, naming them. */
export function oneOf<T extends string>(what: string, value: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(value)) {
    throw new ArgumentError(`${what} is '${value}', but must be one of ${allowed.map((a) => `'${a}'`).join(', ')}.`);
  }
  return value as T;
}

/** A module and all below it, each once, without the names, which take their time. */
function modulesOf(module: Module, found = new Set<Module>()): Set<Module> {
  if (found.has(module)) return found;
  found.add(module);
  for (const [, child] of module.namedChildren()) modulesOf(child, found);
  return found;
}

/** Adds a module and all below it; `path` holds those around it, which are not entered again. */
function addNamedModules(module: Module, name: string, path: Module[], found: [string, Module][]): void {
  found.push([name, module]);
  path.push(module);
  for (const [key, child] of module.namedChildren()) {
    if (!path.includes(child)) addNamedModules(child, join(name, key), path, found);
  }
  path.pop();
}

/** Fields of another copy of the library would go unnoticed: they are instances of none of our classes. */
function expectOwnFields(module: Module): void {
  visitMembers(module, hasKind, (name, member) => expectOwn(`${module.constructor.name}.${name}`, member));
}

function childrenOf(module: Module): [string, Module][] {
  const children: [string, Module][] = [];
  visitMembers(module, isTensorOrModule, (name, member) => {
    if (member instanceof Module) children.push([name, member]);
  });
  return children;
}

function isTensorOrModule(value: unknown): value is Tensor | Module {
  return value instanceof Tensor || value instanceof Module;
}

function tensorsByName(module: Module, who: string): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const [name, tensor] of module.namedTensors()) {
    if (found.has(name)) {
      throw new StateDictError(
        `${who}: two tensors of ${module.constructor.name} have the name '${name}', which is that of a field in snake_case. Rename one of the fields or keys.`,
      );
    }
    found.set(name, tensor);
  }
  return found;
}

function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function describeMismatch(model: string, missing: string[], unexpected: string[], misshapen: string[]): string {
  const part = (title: string, names: string[]): string =>
    names.length === 0 ? '' : `\n${title}:\n  ${names.join('\n  ')}`;
  return `loadStateDict: the state dict does not fit ${model}; nothing was loaded.${part('missing', missing)}${part('unexpected', unexpected)}${part('of another shape', misshapen)}`;
}

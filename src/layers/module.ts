import { expectOwn, hasKind, hasSeveralCopies, markKind } from '../base/copies.js';
import { ArgumentError, StateDictError } from '../base/errors.js';
import { formatShape, type Shape, sameShape } from '../base/shape.js';
import type { StateDict } from '../base/stateDict.js';
import { predictByPlan } from '../graph/predict.js';
import { Parameter } from '../tensor/parameter.js';
import { inPrediction, withoutScope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import {
  addForwardHook,
  addForwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type HookHandle,
  hasHooks,
} from './forwardHooks.js';
import { markFrozen } from './frozenMarks.js';
import { putMember, visitMembers } from './members.js';
import { modulesOf, withMode } from './withMode.js';

/** The classes of all modules created so far, where checks find every `forward` that could run. */
export const moduleClasses = new Set<abstract new (...args: never) => Module>();

/**
 * A layer or a model: parameters, buffers, sub-modules and a forward computation.
 *
 * A module consists of its fields, in the order in which they are defined: a `Parameter` is trained, any other `Tensor` is a buffer (saved
 * but not trained), and a `Module` is a child. Fields can also hold arrays, plain objects, Maps and Sets of these, nested as you like
 * (`blocks.0.1`, `branches.left`). Keys of the state dict are the field names, keys and indices, joined by dots. Parameters and buffers are
 * written in snake_case (`runningMean` -> `running_mean`), modules unchanged. So a model whose fields have torchvision's names loads
 * torchvision's weights. A module in two places has both names. References back to a module around it, such as a parent, are ignored.
 *
 * Layers in private fields (`#conv`), in variables outside the class or in instances of other classes cannot be found: `fit` rejects a model
 * that uses them.
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

  /** Computes the output for `x`. Each class implements it with operations and other modules; its docstring states the shapes. */
  abstract forward(x: Tensor): Tensor;

  /** Switches this module and all modules inside it to training mode, or with `false` to evaluation mode. */
  train(mode = true): this {
    for (const module of modulesOf<Module>(this)) module.training = mode;
    return this;
  }

  /** Switches this module and all modules in it to evaluation mode: dropout is off, and batch norm uses its running statistics. */
  eval(): this {
    return this.train(false);
  }

  /** The direct children, named by their field and the keys below it. */
  *namedChildren(): Generator<[string, Module]> {
    if (hasSeveralCopies()) expectOwnFields(this);
    yield* childrenOf(this);
  }

  /**
   * Replaces a direct child, named as in `namedChildren()`.
   *
   * Throws `ArgumentError` when there is no such child, or when it is in a frozen array or object.
   */
  replaceChild(name: string, module: Module): void {
    let written: boolean | null = null;
    visitMembers(this, isTensorOrModule, (found, old, holder, key) => {
      if (found === name && old instanceof Module && written === null) written = putMember(holder, key, module);
    });
    if (written === null) throw new ArgumentError(`replaceChild: ${this.constructor.name} has no module '${name}'.`);
    if (!written) {
      throw new ArgumentError(
        `replaceChild: '${name}' of ${this.constructor.name} cannot be replaced, because it is in a frozen array or object. Leave out Object.freeze.`,
      );
    }
  }

  /** This module (named '') and all modules inside it, each before its children. */
  *namedModules(prefix = ''): Generator<[string, Module]> {
    const found: [string, Module][] = [];
    addNamedModules(this, prefix, [], found);
    yield* found;
  }

  /** Each parameter once, even if two layers share it, so that an optimizer updates it once. */
  *namedParameters(): Generator<[string, Parameter]> {
    const seen = new Set<Parameter>();
    for (const [name, tensor] of this.namedTensors()) {
      if (!(tensor instanceof Parameter) || seen.has(tensor)) continue;
      seen.add(tensor);
      yield [name, tensor];
    }
  }

  /** Every parameter of this module and the modules in it. A shared one comes once. */
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

  /** Copies of all parameters and buffers. Throws `StateDictError` when two of them have the same name. */
  stateDict(): StateDict {
    const state: StateDict = new Map();
    for (const [name, t] of tensorsByName(this, 'stateDict')) {
      state.set(name, { shape: [...t.shape], data: Float32Array.from(t.floats) });
    }
    return state;
  }

  /** @internal The numbers that tell it from other modules of its class: names, shapes and bytes. */
  *contents(): Generator<[name: string, shape: Shape, bytes: Uint8Array]> {
    for (const [name, { shape, data }] of this.stateDict()) {
      yield [name, shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
    }
  }

  /**
   * Copies values into the parameters and buffers of the same names. With `strict` (the default), every name must match.
   * Otherwise, matching names are loaded and the rest is reported. Shapes must match in both cases. If anything fails, the module stays
   * unchanged. `num_batches_tracked` is ignored.
   *
   * Throws `StateDictError` that lists all missing and unexpected entries and all wrong shapes, or when two tensors of the model have the same
   * name.
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
   * Returns the logits for x, in evaluation mode and without a tape. Modes stay as they are, and everything but the result is released.
   *
   * The first call for a shape captures and compiles the model (see `compile` of stridenet/graph); later calls run the plan, in which batch norms,
   * activations and residuals are parts of the convolutions. The current weights are used in every call, however they were changed. A `forward`
   * that depends on numbers, changes fields or has hooks runs operation by operation instead. What else it depends on must be in fields of modules.
   *
   * Numerics: within float32 rounding of `forward` in evaluation mode; batch norm becomes one multiplication and one addition.
   */
  predict(x: Tensor): Tensor {
    const planned = x instanceof Tensor && !hasHooks(this) ? predictByPlan(this, x) : null;
    return planned ?? withMode(this, 'eval', () => inPrediction(() => this.forward(x)));
  }

  /**
   * Calls `hook(module, input, output)` each time this module has run, wherever it is called from, until `remove()` of the returned handle.
   * A tensor that the hook returns replaces the output. Hooks run in the order in which they were registered. What a hook throws ends the
   * pass; when `forward` itself throws, no hook is called.
   *
   * Hooks hear of `forward`, and of batch norm's `forwardRelu`, where the output includes the ReLU. In `predict`, a block may release its
   * tensors after the call: use `keep` for those that you need later. A module without hooks runs as if there were none.
   *
   * @example
   * const handle = model.fc.registerForwardHook((_module, input, output) => console.log(input.shape, output.shape));
   * model.predict(x);
   * handle.remove();
   */
  registerForwardHook(hook: ForwardHook<this>): HookHandle {
    return addForwardHook(this, hook);
  }

  /**
   * Calls `hook(module, input)` each time this module is about to run, until `remove()` of the returned handle. A tensor that the hook returns
   * replaces the input. See `registerForwardHook`.
   */
  registerForwardPreHook(hook: ForwardPreHook<this>): HookHandle {
    return addForwardPreHook(this, hook);
  }

  /**
   * Freezes (`false`) or unfreezes the parameters of this module and all modules inside it. `fit` keeps frozen modules in evaluation mode, so
   * their running statistics do not change either: see `trainUnfrozen`.
   */
  requiresGrad(requires = true): this {
    for (const module of modulesOf<Module>(this)) markFrozen(module, !requires);
    for (const parameter of this.parameters()) parameter.requiresGrad = requires;
    return this;
  }

  /** Clears the gradients of all parameters. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.zeroGrad();
  }

  /** @internal What `cloneModule` fills with copies of the fields: an object of this class without any. */
  blankCopy(): this {
    return Object.create(Object.getPrototypeOf(this));
  }

  /** @internal Gives a copy of this module what is in private fields; `copy` copies a member. */
  copyPrivateFields(_to: Module, _copy: <T>(member: T) => T): void {}

  /** The options worth showing in `toString()`, such as `3 -> 16, kernelSize=3`. */
  protected describe(): string {
    return '';
  }

  /** The tree of modules, one per line. */
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

/** The modules whose `toString` is running, outermost first. References back to them are left out. */
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

/** Adds a module and all modules inside it; `path` has those around it, which are not visited again. */
function addNamedModules(module: Module, name: string, path: Module[], found: [string, Module][]): void {
  found.push([name, module]);
  path.push(module);
  for (const [key, child] of module.namedChildren()) {
    if (!path.includes(child)) addNamedModules(child, join(name, key), path, found);
  }
  path.pop();
}

/** Members from another copy of the library would go unnoticed, since they are not instances of our classes. */
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
        `${who}: two tensors of ${module.constructor.name} have the name '${name}', the snake_case form of a field name. Rename one of the fields or keys.`,
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

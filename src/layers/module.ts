import { expectOwn, hasSeveralCopies, markKind } from '../tensor/copies.js';
import { ArgumentError, StateDictError } from '../tensor/errors.js';
import { Parameter } from '../tensor/parameter.js';
import { withFusion, withoutScope } from '../tensor/scope.js';
import { formatShape, sameShape } from '../tensor/shape.js';
import { Tensor } from '../tensor/tensor.js';

/** Named arrays: what a model has learned. Keys are torchvision's, in its order. */
export type StateDict = Map<string, StateEntry>;

export interface StateEntry {
  shape: number[];
  data: Float32Array;
}

/**
 * A layer or a model: parameters, buffers, sub-modules and a forward computation.
 *
 * What a module holds is found in its fields, in the order in which they are defined: a `Parameter` is trained, any other
 * `Tensor` is a buffer (saved, not trained), a `Module` or an array of them is a child. Keys of the state dict are the
 * field names joined by dots; parameters and buffers are written in snake_case (`runningMean` -> `running_mean`), modules as
 * they stand. So a model whose fields bear torchvision's names loads torchvision's weights.
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

  abstract forward(x: Tensor): Tensor;

  /** Switches this module and all below it to training mode, or with `false` to evaluation mode. */
  train(mode = true): this {
    for (const module of modulesOf(this)) module.training = mode;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** The direct sub-modules with their field names. */
  *namedChildren(): Generator<[string, Module]> {
    if (hasSeveralCopies()) expectOwnFields(this);
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Module) yield [name, value];
      else if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) if (value[i] instanceof Module) yield [`${name}.${i}`, value[i]];
      }
    }
  }

  /**
   * Puts a module in the place of a direct child, named as `namedChildren()` does.
   *
   * Throws `ArgumentError` when there is no such child.
   */
  replaceChild(name: string, module: Module): void {
    const [field, index] = name.split('.');
    const own = this as unknown as Record<string, unknown>;
    const place = index === undefined ? own : own[field];
    const key = index ?? field;
    if (!isRecord(place) || !(place[key] instanceof Module)) {
      throw new ArgumentError(`replaceChild: ${this.constructor.name} has no module '${name}'.`);
    }
    place[key] = module;
  }

  /** This module (named '') and all below it, each before its children. */
  *namedModules(prefix = ''): Generator<[string, Module]> {
    yield [prefix, this];
    for (const [name, child] of this.namedChildren()) yield* child.namedModules(join(prefix, name));
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
      const own = Object.entries(module).filter(([, value]) => value instanceof Tensor) as [string, Tensor][];
      const rank = (t: Tensor): number => (t instanceof Parameter ? 0 : 1);
      own.sort(([, a], [, b]) => rank(a) - rank(b));
      for (const [name, tensor] of own) yield [join(prefix, snakeCase(name)), tensor];
    }
  }

  /** Copies of all parameters and buffers. */
  stateDict(): StateDict {
    const state: StateDict = new Map();
    for (const [name, t] of this.namedTensors()) {
      state.set(name, { shape: [...t.shape], data: Float32Array.from(t.data) });
    }
    return state;
  }

  /**
   * Copies values into the parameters and buffers of the same names. With `strict` (the default) every name must match;
   * without, what matches is loaded and the rest is reported. Shapes must match either way. The module is untouched when
   * anything fails. `num_batches_tracked` is ignored.
   *
   * Throws `StateDictError` that lists every missing, unexpected and misshapen entry.
   */
  loadStateDict(
    state: StateDict,
    options: { strict?: boolean | undefined } = {},
  ): { missing: string[]; unexpected: string[] } {
    const own = new Map(this.namedTensors());
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
    for (const [name, { data }] of state) own.get(name)?.data.set(data);
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
    const training = modulesOf(this).filter((module) => module.training);
    for (const module of training) module.training = false;
    try {
      return withFusion(() => this.forward(x));
    } finally {
      for (const module of training) module.training = true;
    }
  }

  /** Freezes (`false`) or thaws the parameters of this module and all below it. */
  requiresGrad(requires = true): this {
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
    const children = [...this.namedChildren()];
    const head = `${this.constructor.name}(${this.describe()}`;
    if (children.length === 0) return `${head})`;
    const lines = children.map(([name, child]) => `  (${name}): ${child.toString().replaceAll('\n', '\n  ')}`);
    return `${head}\n${lines.join('\n')}\n)`;
  }
}

markKind('Module', Module);

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

/** A module and all below it, without the names, which take their time. */
function modulesOf(module: Module, found: Module[] = []): Module[] {
  found.push(module);
  for (const [, child] of module.namedChildren()) modulesOf(child, found);
  return found;
}

/** Fields of another copy of the library would go unnoticed: they are instances of none of our classes. */
function expectOwnFields(module: Module): void {
  for (const [name, value] of Object.entries(module)) {
    for (const part of Array.isArray(value) ? value : [value]) expectOwn(`${module.constructor.name}.${name}`, part);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
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

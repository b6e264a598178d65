import { Parameter } from '../tensor/parameter.js';
import { withoutScope } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import { isMarkedFrozen, markFrozen } from './frozenMarks.js';
import { Module } from './module.js';

/**
 * Copies a module with all modules inside it, their parameters and buffers. What two modules share in the original, their copies share too.
 * Hooks and gradients are not copied.
 *
 * Throws nothing for classes with private fields, but their copies lack these: such a class implements `blankCopy` and `copyPrivateFields`, as
 * `Sequential` does.
 *
 * @example
 * const before = cloneModule(model);
 * await fit(model, options); // `before` keeps the weights of now
 */
export function cloneModule<M extends Module>(model: M): M {
  return cloneWith(model, copyTensor);
}

/** As `cloneModule`, with tensors copied by `tensorFor`, which is called once for each. */
export function cloneWith<M extends Module>(model: M, tensorFor: (original: Tensor) => Tensor): M {
  const copies = new Map<object, unknown>();
  const once = <T extends object>(original: T, make: () => T, fill?: (made: T) => void): T => {
    const known = copies.get(original);
    if (known !== undefined) return known as T;
    const made = make();
    copies.set(original, made);
    fill?.(made);
    return made;
  };
  const copy = <T>(value: T): T => {
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Tensor) return once<Tensor>(value, () => tensorFor(value)) as T;
    if (value instanceof Module)
      return once<Module>(
        value,
        () => value.blankCopy(),
        (made) => fillModule(value, made),
      ) as T;
    if (Array.isArray(value)) {
      return once<unknown[]>(
        value,
        () => [],
        (made) => made.push(...value.map(copy)),
      ) as T;
    }
    if (value instanceof Map) {
      return once<Map<unknown, unknown>>(
        value,
        () => new Map(),
        (made) => {
          for (const [key, each] of value) made.set(copy(key), copy(each));
        },
      ) as T;
    }
    if (value instanceof Set) {
      return once<Set<unknown>>(
        value,
        () => new Set(),
        (made) => {
          for (const each of value) made.add(copy(each));
        },
      ) as T;
    }
    const prototype = Object.getPrototypeOf(value);
    // Objects of other classes are values to a module, such as the options of a file that it was read from.
    if (prototype !== Object.prototype && prototype !== null) return value;
    return once<object>(
      value,
      () => Object.create(prototype),
      (made) => {
        for (const [key, each] of Object.entries(value)) Reflect.set(made, key, copy(each));
      },
    ) as T;
  };
  const fillModule = (original: Module, made: Module): void => {
    for (const key of Object.keys(original)) Reflect.set(made, key, copy(Reflect.get(original, key)));
    original.copyPrivateFields(made, copy);
    if (isMarkedFrozen(original)) markFrozen(made, true);
  };
  return copy(model);
}

/** A parameter or buffer of the same numbers. */
export function copyTensor(original: Tensor): Tensor {
  return tensorLike(original, original.floats, original.shape);
}

/** A parameter, frozen or not as the original is, or a buffer, of other numbers. */
export function tensorLike(original: Tensor, values: Float32Array, shape: readonly number[]): Tensor {
  if (!(original instanceof Parameter)) return withoutScope(() => Tensor.from(values, shape));
  const made = new Parameter(values, shape);
  made.requiresGrad = original.requiresGrad;
  return made;
}

import { areNumbers } from '../base/areNumbers.js';
import { expectOwn, markKind } from '../base/copies.js';
import { describeValue, isPromise } from '../base/describeValue.js';
import { debugLevel } from '../base/environment.js';
import { ArgumentError, DisposedError, OutOfMemoryError, ShapeError } from '../base/errors.js';
import { checkEmpty, checkShape, formatShape, MOST_AXES, type Shape, sizeOf } from '../base/shape.js';
import { withRealMemory } from '../memory/dryRun.js';
import { heap } from '../memory/memory.js';
import { Storage } from '../memory/storage.js';
import { countUnscoped, uncountUnscoped } from '../memory/unscoped.js';
import { type NdArray, type StridedArray, viewAs } from './ndarray.js';
import { currentScope, hasOwner, type Scope } from './scope.js';

/** What `toArray` builds for a tensor without elements. */
const MOST_EMPTY_ARRAYS = 2 ** 20;

/** Numbers in any nesting, as in [[1, 2], [3, 4]]. */
export type NestedNumbers = number | readonly NestedNumbers[];

/**
 * What `toArray()` gives: a number, or rows of such. It may be indexed as deep as the tensor has axes, which only its shape tells:
 * a number by itself has no elements. `toArray(2)` says how deep, and gives `number[][]`.
 */
export type NestedArray = (number & { readonly [index: number]: never }) | NestedArray[];

/** The arrays of a tensor of so many axes. */
export interface ArrayOfRank {
  0: number;
  1: number[];
  2: number[][];
  3: number[][][];
  4: number[][][][];
  5: number[][][][][];
}

type Net = FinalizationRegistry<Storage> | null;

/** A registry of tensors that may become garbage; old Cloudflare Workers have none. */
function netThat(releases: (storage: Storage) => void): Net {
  return typeof FinalizationRegistry === 'undefined' ? null : new FinalizationRegistry(releases);
}

/** The net under tensors that belong to a module, an optimizer or a loader: gives their memory back when they are garbage. */
const netUnderOwned = netThat(release);

/** The net under tensors that belong to nobody. */
const netUnderUnscoped = netThat((storage) => {
  uncountUnscoped(storage);
  release(storage);
});

function release(storage: Storage): void {
  if (debugLevel() > 0) console.warn(`stridenet: the garbage collector released a tensor made by ${storage.op}`);
  storage.release();
}

/**
 * An n-dimensional array of float32 numbers, contiguous and row-major. Images are [N, C, H, W].
 *
 * Tensors are values: operations (`add`, `conv2d`, ...) are functions that make new ones. Whoever opens a `Tape` or a
 * `scope` has the tensors made inside it released at its end; `keep` takes one out. Outside of both the garbage
 * collector releases them.
 */
export class Tensor {
  /** The sizes of the axes. A scalar has none. */
  readonly shape: Shape;
  /** How many elements there are. */
  readonly size: number;
  /** @internal */
  readonly storage: Storage;
  /**
   * Set by `keep`: whoever made this tensor for a while, such as a data loader, no longer releases it.
   *
   * @internal
   */
  kept = false;
  #released = false;
  #net: Net | null = null;

  /** Takes over one reference to `storage`. Users call `Tensor.from`. */
  constructor(storage: Storage, shape: Shape) {
    this.storage = storage;
    this.shape = shape;
    this.size = storage.length;
    try {
      this.#adopt();
    } catch (error) {
      storage.release();
      throw error;
    }
  }

  /** Parameters override this: they belong to no scope. */
  get persistent(): boolean {
    return false;
  }

  /** An uninitialized tensor: what `op` is about to fill. Throws `OutOfMemoryError` for more than the heap can hold. */
  static empty(op: string, shape: Shape): Tensor {
    const size = sizeOf(shape);
    if (size === 0) checkEmpty(op, shape);
    return new Tensor(new Storage(size, op), shape);
  }

  /**
   * A tensor whose numbers `fill` writes. They are known without computing anything, so that a dry run knows them too.
   *
   * @internal
   */
  static filled(op: string, shape: Shape, fill: (data: Float32Array) => void): Tensor {
    return withRealMemory(() => {
      const tensor = Tensor.empty(op, shape);
      try {
        fill(tensor.data);
      } catch (error) {
        tensor.dispose();
        throw error;
      }
      return tensor;
    });
  }

  /**
   * Copies numbers into a new tensor. Without `shape`, nested arrays tell it, and a flat array has one axis.
   *
   * Throws `ShapeError` when the number of values is not the product of the shape, or nested rows differ in length;
   * `ArgumentError` for what holds no numbers.
   *
   * @example
   * Tensor.from([1, 2, 3, 4, 5, 6], [2, 3]).shape; // [2, 3]
   */
  static from(values: ArrayLike<number> | NestedNumbers, shape?: Shape): Tensor {
    const flat = flatten(values);
    const wanted = shape === undefined ? flat.shape : checkShape('Tensor.from', shape);
    if (sizeOf(wanted) !== flat.values.length) {
      throw new ShapeError(
        `Tensor.from: ${flat.values.length} values do not fill shape ${formatShape(wanted)}, which needs ${sizeOf(wanted)}.`,
      );
    }
    const source = safeFromGrowth(flat.values);
    return Tensor.filled('Tensor.from', wanted, (data) => data.set(source));
  }

  /** A tensor of zeros. */
  static zeros(shape: Shape): Tensor {
    return Tensor.full(shape, 0);
  }

  /** A tensor of ones. */
  static ones(shape: Shape): Tensor {
    return Tensor.full(shape, 1);
  }

  /** A tensor with every element set to `value`. */
  static full(shape: Shape, value: number): Tensor {
    if (typeof value !== 'number') {
      throw new ArgumentError(`Tensor.full: value is ${describeValue(value)}, but must be a number.`);
    }
    return Tensor.filled('Tensor.full', checkShape('Tensor.full', shape), (data) => data.fill(value));
  }

  /** Copies an `ndarray` view, of any strides and element type. Throws `ArgumentError` for what is no such view. */
  static fromNdarray(array: StridedArray): Tensor {
    checkStrided(array);
    const { shape, stride, offset } = array;
    const values = safeFromGrowth(array.data as ArrayLike<number>);
    const wanted = checkShape('Tensor.fromNdarray', shape);
    const source = values as ArrayLike<number> & { get?: ((i: number) => number) | undefined };
    const read = typeof source.get === 'function' ? source.get.bind(source) : (i: number) => source[i] as number;
    const index = new Array<number>(shape.length).fill(0);
    let at = offset;
    return Tensor.filled('Tensor.fromNdarray', wanted, (data) => {
      for (let i = 0; i < data.length; i++) {
        data[i] = read(at);
        for (let axis = shape.length - 1; axis >= 0; axis--) {
          at += stride[axis] as number;
          index[axis] = (index[axis] as number) + 1;
          if ((index[axis] as number) < (shape[axis] as number)) break;
          at -= (stride[axis] as number) * (shape[axis] as number);
          index[axis] = 0;
        }
      }
    });
  }

  /**
   * The elements in row-major order: a live view of the heap, which an operation may overwrite after this tensor is
   * released. Use it at once, or copy it (`data.slice()`).
   *
   * Throws `DisposedError` when the tensor was released.
   */
  get data(): Float32Array {
    if (this.#released || this.storage.released) throw new DisposedError(this.#releasedMessage());
    this.storage.isHandedOut = true;
    // Doubles only inside a gradient check, which no user code sees.
    return this.storage.data as Float32Array;
  }

  /**
   * As `data`, for kernels and whoever else only reads, at once: it is not handed out, so nobody has to watch it for changes.
   *
   * @internal
   */
  get floats(): Float32Array {
    if (this.#released || this.storage.released) throw new DisposedError(this.#releasedMessage());
    return this.storage.data as Float32Array;
  }

  /**
   * As `floats`, for those who write at once; it counts as a change.
   *
   * @internal
   */
  get floatsToWrite(): Float32Array {
    this.storage.version++;
    return this.floats;
  }

  /** As `data`, for somebody who writes all elements: initial values that nobody has read are not drawn then. */
  get dataToOverwrite(): Float32Array {
    if (this.#released || this.storage.released) throw new DisposedError(this.#releasedMessage());
    return this.storage.dataToOverwrite as Float32Array;
  }

  /** Whether its memory has been released. */
  get disposed(): boolean {
    return this.#released || this.storage.released;
  }

  /** The only element of a tensor that has one. Throws `ShapeError` otherwise. */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError(`item: shape ${formatShape(this.shape)} holds ${this.size} values; item() needs exactly 1.`);
    }
    return this.data[0] as number;
  }

  /**
   * Nested arrays in this tensor's shape; a number for a scalar. With `rank`, the type says how deep they are.
   *
   * Throws `ShapeError` when the tensor does not have `rank` axes.
   *
   * @example
   * softmax(logits).toArray(2)[0]; // number[]: the probabilities of the first image
   */
  toArray(): NestedArray;
  toArray<R extends keyof ArrayOfRank>(rank: R): ArrayOfRank[R];
  toArray(rank = this.shape.length): unknown {
    if (rank !== this.shape.length) {
      throw new ShapeError(`toArray: the tensor has shape ${formatShape(this.shape)}, not ${rank} axes.`);
    }
    const data = this.data;
    let at = 0;
    if (this.size === 0 && this.shape.slice(0, this.shape.indexOf(0)).reduce((a, b) => a * b, 1) > MOST_EMPTY_ARRAYS) {
      throw new OutOfMemoryError(`toArray: shape ${formatShape(this.shape)} is too many empty arrays.`);
    }
    const build = (axis: number): unknown => {
      if (axis === this.shape.length) return data[at++];
      return Array.from({ length: this.shape[axis] as number }, () => build(axis + 1));
    };
    return build(0);
  }

  /** A copy as an `ndarray`. (The package compiles its classes with `new Function`, which a strict CSP forbids.) */
  toNdarray(): NdArray<Float32Array> {
    return viewAs(Float32Array.from(this.data), this.shape);
  }

  /** `Tensor [2, 3] 1 2 3 ...` */
  toString(): string {
    if (this.disposed) return `Tensor ${formatShape(this.shape)} (released)`;
    const shown = [...this.data.subarray(0, 8)].map((v) => String(Number(v.toPrecision(6))));
    return `Tensor ${formatShape(this.shape)} ${shown.join(' ')}${this.size > 8 ? ' ...' : ''}`;
  }

  /** Releases the memory now, instead of at the end of the scope. */
  dispose(): void {
    if (this.#released) return;
    this.#released = true;
    const net = this.#net;
    if (net !== null) {
      net.unregister(this);
      if (net === netUnderUnscoped) uncountUnscoped(this.storage);
    }
    this.storage.release();
  }

  /**
   * Takes this tensor out of `inner`, into the scope around it.
   *
   * @internal
   */
  moveOut(inner: Scope): void {
    inner.disown(this);
    const parent = inner.parent;
    if (parent === null) this.watchForLeaks();
    else parent.adopt(this);
  }

  /**
   * Lets the garbage collector release this tensor, which belongs to no scope.
   *
   * @internal
   */
  watchForLeaks(): void {
    if (this.#released || this.#net !== null) return;
    this.#net = this.persistent || hasOwner() ? netUnderOwned : netUnderUnscoped;
    if (this.#net === null) return;
    if (this.#net === netUnderUnscoped) countUnscoped(this.storage);
    this.#net.register(this, this.storage, this);
  }

  #adopt(): void {
    const scope = this.persistent ? null : currentScope();
    if (scope === null) this.watchForLeaks();
    else scope.adopt(this);
  }

  #releasedMessage(): string {
    return `the ${this.storage.op} output ${formatShape(this.shape)} was released when its tape or scope closed. Call keep(tensor) inside to use it afterwards.`;
  }
}

markKind('Tensor', Tensor);

/**
 * Takes a tensor out of the open tape or scope, so that it lives until `dispose()` or until it is garbage.
 *
 * @example
 * const y = withTape(() => keep(relu(x)));
 */
export function keep<T extends Tensor>(tensor: T): T {
  if (!(tensor instanceof Tensor)) {
    expectOwn('keep', tensor);
    throw new ArgumentError(`keep: the argument is ${describeValue(tensor)}, but must be a Tensor.`);
  }
  tensor.kept = true;
  if (currentScope()?.disown(tensor)) tensor.watchForLeaks();
  return tensor;
}

/** `values`, copied when they are a view of a plain memory, such as another tensor's data: growth would detach it. */
function safeFromGrowth(values: ArrayLike<number>): ArrayLike<number> {
  const { memory, shared } = heap();
  if (shared || !ArrayBuffer.isView(values) || values.buffer !== memory.buffer) return values;
  return Array.from(values);
}

function flatten(values: ArrayLike<number> | NestedNumbers): { values: ArrayLike<number>; shape: Shape } {
  if (typeof values === 'number') return { values: [values], shape: [] };
  if (!Array.isArray(values)) {
    checkNumeric(values);
    return { values: values as ArrayLike<number>, shape: checkShape('Tensor.from', [values.length]) };
  }
  if (areNumbers(values)) return { values, shape: [values.length] };
  const shape: number[] = [];
  for (let v: NestedNumbers = values as NestedNumbers; Array.isArray(v); v = v[0] as NestedNumbers) {
    shape.push(v.length);
    if (shape.length > MOST_AXES) {
      throw new ShapeError(
        `Tensor.from: the arrays are nested more than ${MOST_AXES} deep; there can be ${MOST_AXES} axes.`,
      );
    }
    if (v.length === 0) break;
  }
  const flat: number[] = [];
  const visit = (v: NestedNumbers, axis: number): void => {
    if (typeof v === 'number' && axis === shape.length) flat.push(v);
    else if (Array.isArray(v) && v.length === shape[axis]) for (const item of v) visit(item, axis + 1);
    else {
      const found = Array.isArray(v)
        ? `${v.length} entries`
        : typeof v === 'object' && v !== null
          ? describeValue(v)
          : `the value ${String(v)}`;
      throw new ShapeError(
        `Tensor.from: nested rows differ: found ${found} on axis ${axis}, where ${formatShape(shape)} was begun.`,
      );
    }
  };
  visit(values as NestedNumbers, 0);
  return { values: flat, shape };
}

/** Throws unless `values` is a typed array of numbers, or has a length and numbers by index. */
function checkNumeric(values: unknown): asserts values is ArrayLike<number> {
  const { length } = Object(values ?? {}) as { length?: unknown };
  const isNumeric =
    typeof values === 'object' &&
    typeof length === 'number' &&
    (length === 0 || typeof (values as number[])[0] === 'number');
  if (isNumeric) return;
  const hint = isPromise(values)
    ? ' Await it first.'
    : values instanceof Tensor
      ? ' It is a tensor already; reshape(x, shape) gives it another shape.'
      : Array.isArray((values as StridedArray | null)?.shape)
        ? ' Tensor.fromNdarray takes strided views.'
        : '';
  throw new ArgumentError(
    `Tensor.from: values is ${describeValue(values)}, but must be a number, nested arrays of numbers or a typed array of them.${hint}`,
  );
}

function checkStrided(array: unknown): asserts array is StridedArray {
  const { data, shape, stride, offset } = Object(array ?? {}) as Partial<StridedArray>;
  const isView =
    typeof data === 'object' &&
    data !== null &&
    typeof (data as ArrayLike<unknown>)[0] !== 'bigint' &&
    isShape(shape) &&
    isShape(stride) &&
    shape.length === stride.length;
  if (isView && [...stride, offset].every((n) => Number.isSafeInteger(n))) return;
  throw new ArgumentError(
    `Tensor.fromNdarray: the view is ${describeValue(array)}, but must have data, a shape, as many strides as axes, and an offset.`,
  );
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length <= MOST_AXES;
}

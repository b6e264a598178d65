import { DisposedError, ShapeError } from './errors.js';
import { debugLevel } from './kernels/environment.js';
import { heap } from './memory.js';
import { type NdArray, type StridedArray, viewAs } from './ndarray.js';
import { currentScope, type Scope } from './scope.js';
import { checkShape, formatShape, type Shape, sizeOf } from './shape.js';
import { Storage } from './storage.js';

/** Numbers in any nesting, as in [[1, 2], [3, 4]]. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** The net under tensors that belong to no scope: gives their memory back when they are garbage. */
const collected = new FinalizationRegistry<Storage>((storage) => {
  if (debugLevel() > 0) console.warn(`stridenet: the garbage collector released a tensor made by ${storage.op}`);
  storage.release();
});

/**
 * An n-dimensional array of float32 numbers, contiguous and row-major. Images are [N, C, H, W].
 *
 * Tensors are values: operations (`add`, `conv2d`, ...) are functions that make new ones. Whoever opens a `Tape` or a
 * `scope` has the tensors made inside it released at its end; `keep` takes one out. Outside of both the garbage
 * collector releases them.
 */
export class Tensor {
  readonly shape: Shape;
  readonly size: number;
  readonly storage: Storage;
  /** Set by `keep`: whoever made this tensor for a while, such as a data loader, no longer releases it. */
  kept = false;
  #released = false;

  /** Takes over one reference to `storage`. Users call `Tensor.from`. */
  constructor(storage: Storage, shape: Shape) {
    this.storage = storage;
    this.shape = shape;
    this.size = storage.length;
    this.#adopt();
  }

  /** Parameters override this: they belong to no scope. */
  get persistent(): boolean {
    return false;
  }

  /** An uninitialised tensor: what `op` is about to fill. */
  static empty(op: string, shape: Shape): Tensor {
    return new Tensor(new Storage(sizeOf(shape), op), shape);
  }

  /**
   * Copies numbers into a new tensor. Without `shape`, nested arrays tell it, and a flat array has one axis.
   *
   * Throws `ShapeError` when the number of values is not the product of the shape, or nested rows differ in length.
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
    const tensor = Tensor.empty('Tensor.from', wanted);
    tensor.data.set(source);
    return tensor;
  }

  static zeros(shape: Shape): Tensor {
    return Tensor.full(shape, 0);
  }

  static ones(shape: Shape): Tensor {
    return Tensor.full(shape, 1);
  }

  /** A tensor with every element set to `value`. */
  static full(shape: Shape, value: number): Tensor {
    const tensor = Tensor.empty('Tensor.full', checkShape('Tensor.full', shape));
    tensor.data.fill(value);
    return tensor;
  }

  /** Copies an `ndarray` view, of any strides and element type. */
  static fromNdarray(array: StridedArray): Tensor {
    const { shape, stride, offset } = array;
    const values = safeFromGrowth(array.data as ArrayLike<number>);
    const tensor = Tensor.empty('Tensor.fromNdarray', checkShape('Tensor.fromNdarray', shape));
    const source = values as ArrayLike<number> & { get?: (i: number) => number };
    const read = typeof source.get === 'function' ? source.get.bind(source) : (i: number) => source[i] as number;
    const data = tensor.data;
    const index = new Array<number>(shape.length).fill(0);
    let at = offset;
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
    return tensor;
  }

  /**
   * The elements in row-major order: a live view of the heap, which an operation may overwrite after this tensor is
   * released. Use it at once, or copy it (`data.slice()`).
   *
   * Throws `DisposedError` when the tensor was released.
   */
  get data(): Float32Array {
    if (this.#released || this.storage.released) throw new DisposedError(this.#releasedMessage());
    // Doubles only inside a gradient check, which no user code sees.
    return this.storage.data as Float32Array;
  }

  /** As `data`, for somebody who writes all elements: initial values that nobody has read are not drawn then. */
  get dataToOverwrite(): Float32Array {
    if (this.#released || this.storage.released) throw new DisposedError(this.#releasedMessage());
    return this.storage.dataToOverwrite as Float32Array;
  }

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

  /** Nested arrays in this tensor's shape; a number for a scalar. */
  toArray(): NestedNumbers {
    const data = this.data;
    let at = 0;
    const build = (axis: number): NestedNumbers => {
      if (axis === this.shape.length) return data[at++] as number;
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
    collected.unregister(this);
    this.storage.release();
  }

  /** Takes this tensor out of `inner`, into the scope around it. */
  moveOut(inner: Scope): void {
    inner.disown(this);
    const parent = inner.parent;
    if (parent === null) this.watchForLeaks();
    else parent.adopt(this);
  }

  /** Lets the garbage collector release this tensor, which belongs to no scope. */
  watchForLeaks(): void {
    collected.register(this, this.storage, this);
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

/**
 * Takes a tensor out of the open tape or scope, so that it lives until `dispose()` or until it is garbage.
 *
 * @example
 * const y = withTape(() => keep(relu(x)));
 */
export function keep<T extends Tensor>(tensor: T): T {
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
  if (!Array.isArray(values) || values.every((v) => typeof v === 'number')) {
    return { values: values as ArrayLike<number>, shape: [values.length] };
  }
  const shape: number[] = [];
  for (let v: NestedNumbers = values as NestedNumbers; Array.isArray(v); v = v[0] as NestedNumbers) {
    shape.push(v.length);
    if (v.length === 0) break;
  }
  const flat: number[] = [];
  const visit = (v: NestedNumbers, axis: number): void => {
    if (typeof v === 'number' && axis === shape.length) flat.push(v);
    else if (Array.isArray(v) && v.length === shape[axis]) for (const item of v) visit(item, axis + 1);
    else {
      const found = Array.isArray(v) ? `${v.length} entries` : `the value ${v}`;
      throw new ShapeError(
        `Tensor.from: nested rows differ: found ${found} on axis ${axis}, where ${formatShape(shape)} was begun.`,
      );
    }
  };
  visit(values as NestedNumbers, 0);
  return { values: flat, shape };
}

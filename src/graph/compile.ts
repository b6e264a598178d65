import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DisposedError, ShapeError, StridenetError } from '../base/errors.js';
import { formatShape, type Shape, sameShape } from '../base/shape.js';
import { kernelsInUse } from '../kernels/family.js';
import { heap } from '../memory/memory.js';
import { checkTensor } from '../tensor/checkTensor.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Capturable } from './capturable.js';
import { captureCall } from './capture.js';
import type { Graph } from './graph.js';
import { kernelState } from './kernelState.js';
import { Plan } from './plan/plan.js';
import { printGraph } from './print.js';
import { type Profile, profilePlan } from './profile.js';
import { rebuild } from './rebuild.js';
import { releaseConstants } from './releaseConstants.js';

/** Options of `compile`. */
export interface CompileOptions {
  /** The shape of the input, [N, C, H, W]; batches may have up to N images. */
  inputShape: Shape;
}

/** The memory of a compiled model in bytes, besides the weights of the model itself. */
export interface PlanMemory {
  /** Activations, which share memory where they are never alive at the same time. */
  activations: number;
  /** Weights in the order in which kernels read them. */
  weights: number;
  /** Scratch space of the kernels. */
  scratch: number;
  /** All of it, with the tables of kernels. */
  total: number;
}

/** A model compiled for inputs of one shape: what `compile` returns. */
export class CompiledModel {
  /** The largest input that it takes. */
  readonly inputShape: Shape;
  readonly #model: Capturable;
  readonly #heap = heap();
  readonly #state = kernelState();
  readonly #plans = new Map<number, { plan: Plan; result: unknown }>();
  #released = false;

  /** Users call `compile`. */
  constructor(model: Capturable, inputShape: Shape) {
    this.#model = model;
    this.inputShape = [...inputShape];
    this.#planFor(inputShape[0] ?? 0);
  }

  /**
   * The same as `model.predict(x)`, for x of `inputShape` or with fewer images. Weights that have changed since the last call are prepared anew.
   *
   * Throws `ShapeError` for another shape, `DisposedError` after `release()`, `StridenetError` when other kernels or threads were chosen since.
   */
  predict(x: Tensor): Tensor {
    const { plan, result } = this.#ready('CompiledModel.predict', x);
    return rebuild(result, plan.run(x)) as Tensor;
  }

  /** Runs x once and measures each operation: see `Profile`. */
  profile(x: Tensor): Profile {
    const { plan } = this.#ready('CompiledModel.profile', x);
    return profilePlan(plan, x);
  }

  /** What it holds, in bytes. */
  get memory(): PlanMemory {
    const plans = [...this.#plans.values()].map(({ plan }) => plan);
    const sum = (of: (plan: Plan) => number): number => plans.reduce((all, plan) => all + of(plan), 0);
    return {
      activations: sum(({ sizes }) => 4 * sizes.activations),
      weights: sum(({ sizes }) => 4 * sizes.weights),
      scratch: sum(({ sizes }) => 4 * sizes.scratch),
      total: sum(({ bytes }) => bytes),
    };
  }

  /** Gives the memory back; the model itself stays as it is. */
  release(): void {
    this.#released = true;
    for (const { plan } of this.#plans.values()) plan.release();
    this.#plans.clear();
  }

  /** Whether `release` was called. */
  get released(): boolean {
    return this.#released;
  }

  /** Whether the kernels are still those it was compiled for. */
  get isCurrent(): boolean {
    return this.#heap === heap() && this.#state === kernelState();
  }

  /** The operations of the plan, one per line, as `String(graph)` shows them. */
  toString(): string {
    const [first] = this.#plans.values();
    return first === undefined ? `compiled ${formatShape(this.inputShape)} (released)` : printGraph(first.plan.graph);
  }

  #ready(who: string, x: Tensor): { plan: Plan; result: unknown } {
    checkTensor(who, 'x', x);
    if (this.#released) throw new DisposedError(`${who}: this compiled model was released. Compile the model again.`);
    const [most = 0, ...rest] = this.inputShape;
    const [batch = 0, ...own] = x.shape;
    if (x.shape.length !== this.inputShape.length || !sameShape(own, rest) || batch > most) {
      throw new ShapeError(
        `${who}: x has shape ${formatShape(x.shape)}, but the model was compiled for ${formatShape(this.inputShape)}, or fewer images. Compile it for this shape, or call model.predict.`,
      );
    }
    if (this.#heap !== heap() || x.storage.heap !== this.#heap) {
      throw new StridenetError(
        `${who}: x and the compiled model lie in different heaps. Compile the model in this one.`,
      );
    }
    if (!this.isCurrent) {
      throw new StridenetError(
        `${who}: useKernels has chosen other kernels or threads ('${String(kernelsInUse())}') since the model was compiled. Compile it again.`,
      );
    }
    return this.#planFor(batch);
  }

  #planFor(batch: number): { plan: Plan; result: unknown } {
    const known = this.#plans.get(batch);
    if (known !== undefined) return known;
    const shape = this.inputShape.length === 0 ? [] : [batch, ...this.inputShape.slice(1)];
    const { graph, result } = captureCall(this.#model, shape, false, (x) => this.#model.forward(x));
    const made = { plan: planOf(graph), result };
    this.#plans.set(batch, made);
    return made;
  }
}

/** Nothing is left of the graph when there is no memory for its plan. */
function planOf(graph: Graph): Plan {
  try {
    return new Plan(graph);
  } catch (error) {
    releaseConstants(graph);
    throw error;
  }
}

/**
 * Compiles a model for inputs of one shape: its operations are merged where that saves passes over memory, its weights are laid out as the
 * kernels read them, and its activations share one block of memory. `model.predict` does all this by itself; `compile` is for those who want
 * to keep, measure or release a plan.
 *
 * Throws `CaptureError` for a model whose forward depends on numbers, `ShapeError` for a shape that does not fit it.
 *
 * Numerics: within float32 rounding of `forward` in evaluation mode.
 *
 * @example
 * const compiled = compile(createModel('resnet18'), { inputShape: [1, 3, 224, 224] });
 * compiled.predict(image); // [1, 1000]
 * console.log(String(compiled.profile(image)));
 */
export function compile(model: Capturable, options: CompileOptions): CompiledModel {
  checkOptions('compile', options, ['inputShape']);
  if (options?.inputShape === undefined) {
    throw new ArgumentError(
      "compile: inputShape is missing. Pass the shape of the model's input, such as { inputShape: [1, 3, 224, 224] }.",
    );
  }
  return new CompiledModel(model, options.inputShape);
}

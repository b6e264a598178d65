import { ShapeError } from '../base/errors.js';
import { checkShape, formatShape, type Shape, sameShape } from '../base/shape.js';
import { withRealMemory } from '../memory/dryRun.js';
import { InitialValues } from '../memory/initialValues.js';
import { withoutScope } from './scope.js';
import type { NestedNumbers } from './tensor.js';
import { Tensor } from './tensor.js';

/**
 * A tensor that training changes. It belongs to its module, never to a scope, and `tape.backward` adds to its `grad`.
 *
 * `optimizer.step()` marks the gradient as spent: it stays readable, and the next backward pass starts from zero
 * instead of adding. Several backward passes before one step accumulate.
 */
export class Parameter extends Tensor {
  /** false freezes the parameter: backward passes skip it. */
  requiresGrad = true;
  #grad: Tensor | null = null;
  #state: 'none' | 'fresh' | 'spent' = 'none';

  /** Copies numbers as `Tensor.from` does; null stands for zeros; a tensor's memory is shared with it, as by `reshape`. */
  constructor(values: ArrayLike<number> | NestedNumbers | Tensor | null, shape?: Shape) {
    const isTensor = values instanceof Tensor;
    const source = isTensor
      ? values
      : withoutScope(() => (values === null ? zeros(shape ?? []) : Tensor.from(values, shape)));
    if (isTensor && shape !== undefined && !sameShape(shape, source.shape)) {
      throw new ShapeError(
        `Parameter: the tensor has shape ${formatShape(source.shape)}, not ${formatShape(shape)}. Reshape it first.`,
      );
    }
    // A tensor that was released says so.
    if (isTensor) void source.data;
    super(source.storage.retain(), source.shape);
    if (!isTensor) source.dispose();
  }

  static override from(values: ArrayLike<number> | NestedNumbers, shape?: Shape): Parameter {
    return new Parameter(values, shape);
  }

  /** A parameter of zeros. */
  static override zeros(shape: Shape): Parameter {
    return new Parameter(null, shape);
  }

  /** A parameter of ones. */
  static override ones(shape: Shape): Parameter {
    return Parameter.full(shape, 1);
  }

  static override full(shape: Shape, value: number): Parameter {
    return withoutScope(() => {
      const source = Tensor.full(shape, value);
      const parameter = new Parameter(source);
      source.dispose();
      return parameter;
    });
  }

  override get persistent(): boolean {
    return true;
  }

  /** The gradient of the last backward pass, in this parameter's shape; null before the first, and after `zeroGrad()`. */
  get grad(): Tensor | null {
    return this.#state === 'none' ? null : this.#grad;
  }

  /** Whether a backward pass has added to `grad` since the last step: what an optimizer asks before it uses it. */
  get hasFreshGrad(): boolean {
    return this.#state === 'fresh';
  }

  /** The buffer that a backward pass adds to: zeroed first, unless it holds a gradient that no step has used. */
  gradientBuffer(): Tensor {
    this.#grad ??= withoutScope(() => Tensor.empty('Parameter.grad', this.shape));
    if (this.#state !== 'fresh') this.#grad.data.fill(0);
    this.#state = 'fresh';
    return this.#grad;
  }

  /** Called by optimizers: the next backward pass starts from zero. */
  spendGradient(): void {
    if (this.#state === 'fresh') this.#state = 'spent';
  }

  /** Forgets the gradient. */
  zeroGrad(): void {
    this.#state = 'none';
  }
}

/** Zeros, written when they are read first: initializers and files write others before. */
function zeros(shape: Shape): Tensor {
  const t = withRealMemory(() => Tensor.empty('Parameter', checkShape('Parameter', shape)));
  t.storage.deferred = new InitialValues();
  return t;
}

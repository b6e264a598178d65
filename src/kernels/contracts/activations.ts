import type { Floats } from '../../memory/memory.js';
import type { KernelTraits } from '../traits.js';

/** Elementwise; y, x, dy, dx have one length. Backward kernels get what their formula needs: x, y or both. */
export interface ActivationKernels {
  relu(y: Floats, x: Floats): void;
  reluBackward(dx: Floats, dy: Floats, y: Floats): void;
  /** y = max(a + b, 0) */
  addRelu(y: Floats, a: Floats, b: Floats): void;
  /** da and db += dy where y > 0; null ones are not wanted, and one that is dy itself is replaced. */
  addReluBackward(da: Floats | null, db: Floats | null, dy: Floats, y: Floats): void;
  /** min(max(x, 0), 6) */
  relu6(y: Floats, x: Floats): void;
  relu6Backward(dx: Floats, dy: Floats, y: Floats): void;
  /** x > 0 ? x : slope * x */
  leakyRelu(y: Floats, x: Floats, slope: number): void;
  leakyReluBackward(dx: Floats, dy: Floats, x: Floats, slope: number): void;
  /** x > 0 ? x : alpha * (exp(x) - 1) */
  elu(y: Floats, x: Floats, alpha: number): void;
  eluBackward(dx: Floats, dy: Floats, x: Floats, alpha: number): void;
  /** x * Phi(x), Phi the normal distribution function (exact, through erf) */
  gelu(y: Floats, x: Floats): void;
  geluBackward(dx: Floats, dy: Floats, x: Floats): void;
  /** 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) */
  geluTanh(y: Floats, x: Floats): void;
  geluTanhBackward(dx: Floats, dy: Floats, x: Floats): void;
  /** x * sigmoid(x) */
  silu(y: Floats, x: Floats): void;
  siluBackward(dx: Floats, dy: Floats, x: Floats): void;
  /** x * relu6(x + 3) / 6 */
  hardSwish(y: Floats, x: Floats): void;
  hardSwishBackward(dx: Floats, dy: Floats, x: Floats): void;
  /** relu6(x + 3) / 6 */
  hardSigmoid(y: Floats, x: Floats): void;
  hardSigmoidBackward(dx: Floats, dy: Floats, x: Floats): void;
  sigmoid(y: Floats, x: Floats): void;
  sigmoidBackward(dx: Floats, dy: Floats, y: Floats): void;
  tanh(y: Floats, x: Floats): void;
  tanhBackward(dx: Floats, dy: Floats, y: Floats): void;
  /** Over the middle axis of [outer, axis, inner]; the largest value is subtracted first, so that exp does not overflow. */
  softmax(y: Floats, x: Floats, g: SoftmaxGeometry): void;
  softmaxBackward(dx: Floats, dy: Floats, y: Floats, g: SoftmaxGeometry): void;
  logSoftmax(y: Floats, x: Floats, g: SoftmaxGeometry): void;
  logSoftmaxBackward(dx: Floats, dy: Floats, y: Floats, g: SoftmaxGeometry): void;
  /**
   * y = x / (1 - p) where a unit is kept, 0 where it is dropped. The decision for unit floor(i / g.unit) is a hash of it and
   * g.seed, so the backward pass makes the same one again and no mask is stored.
   */
  dropout(y: Floats, x: Floats, g: DropoutGeometry): void;
  dropoutBackward(dx: Floats, dy: Floats, g: DropoutGeometry): void;
}

/** What instruments know of these kernels. */
export const activationTraits: KernelTraits<ActivationKernels> = {
  relu6Backward: { deciding: [2] },
  hardSwishBackward: { deciding: [2] },
  hardSigmoidBackward: { deciding: [2] },
};

export interface SoftmaxGeometry {
  readonly outer: number;
  readonly axis: number;
  readonly inner: number;
}

export interface DropoutGeometry {
  /** Probability of dropping a unit. */
  readonly p: number;
  /** 32 bits that decide everything. */
  readonly seed: number;
  /** Neighboring elements that share a decision: 1, or H * W for dropout2d. */
  readonly unit: number;
}

import type { Floats } from '../../memory/memory.js';
import type { KernelTraits } from '../traits.js';

/** One step of an optimizer on one parameter p with gradient `grad` and its state, all of one length, in one pass. */
export interface OptimizerKernels {
  sgdStep(p: Floats, grad: Floats, momentum: Floats | null, g: SgdGeometry): void;
  adamStep(p: Floats, grad: Floats, m: Floats, v: Floats, g: AdamGeometry): void;
  rmspropStep(
    p: Floats,
    grad: Floats,
    square: Floats,
    mean: Floats | null,
    momentum: Floats | null,
    g: RmspropGeometry,
  ): void;
  adagradStep(p: Floats, grad: Floats, square: Floats, g: AdagradGeometry): void;
  adadeltaStep(p: Floats, grad: Floats, square: Floats, delta: Floats, g: AdadeltaGeometry): void;
  /** One step of Lion: p moves by the sign of a mean of the gradient. */
  lionStep(p: Floats, grad: Floats, m: Floats, g: LionGeometry): void;
  /** u = the direction of LAMB, whose length the caller chooses; m and v are Adam's running means. */
  lambDirection(u: Floats, p: Floats, grad: Floats, m: Floats, v: Floats, g: LambGeometry): void;
  /** y = keep * y + share * x */
  blend(y: Floats, x: Floats, keep: number, share: number): void;
  /** norm[0] = sqrt(sum of x^2), accumulated in doubles: no overflow before the norm itself is out of range. */
  l2Norm(norm: Floats, x: Floats): void;
  /** y = min(max(x, -limit), limit), NaN staying NaN; y may be x. */
  clamp(y: Floats, x: Floats, limit: number): void;
}

/** What instruments know of these kernels. */
export const optimizerTraits: KernelTraits<OptimizerKernels> = {};

export interface SgdGeometry {
  readonly learningRate: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
  /** The first step sets the momentum to the gradient, without dampening (as PyTorch). */
  readonly firstStep: boolean;
}

export interface AdamGeometry {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** AdamW: p shrinks by learningRate * weightDecay instead of the decay joining the gradient. */
  readonly decoupled: boolean;
  /** 1 - beta^step. */
  readonly correction1: number;
  readonly correction2: number;
}

export interface LionGeometry {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** p shrinks by learningRate * weightDecay. */
  readonly weightDecay: number;
}

export interface LambGeometry {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** 1 - beta^step. */
  readonly correction1: number;
  readonly correction2: number;
}

export interface RmspropGeometry {
  readonly learningRate: number;
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly centered: boolean;
}

export interface AdagradGeometry {
  /** Already decayed: learningRate / (1 + (step - 1) * learningRateDecay). */
  readonly learningRate: number;
  readonly eps: number;
  readonly weightDecay: number;
}

export interface AdadeltaGeometry {
  readonly learningRate: number;
  readonly rho: number;
  readonly eps: number;
  readonly weightDecay: number;
}

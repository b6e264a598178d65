import type { Floats } from '../../memory/memory.js';
import type { KernelTraits } from '../traits.js';

export interface ArithmeticKernels {
  /** y = a + b elementwise with broadcasting; so sub, mul, div, pow. */
  add(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void;
  sub(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void;
  mul(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void;
  div(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void;
  pow(y: Floats, a: Floats, b: Floats, g: BroadcastGeometry): void;
  /** da += scale * dy, summed over the axes on which a was stretched: add and sub (scale -1 for sub's b). */
  addBackward(da: Floats, dy: Floats, scale: number, g: BroadcastGeometry, side: 'a' | 'b'): void;
  /** da += dy * other, summed over the axes on which a was stretched. `side` says which operand dx belongs to. */
  mulBackward(dx: Floats, dy: Floats, other: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void;
  /** side a: dx += dy / b; side b: dx -= dy * a / b^2 */
  divBackward(dx: Floats, dy: Floats, a: Floats, b: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void;
  /** side a: dx += dy * b * a^(b-1); side b: dx += dy * a^b * log(a), 0 where a is 0 */
  powBackward(dx: Floats, dy: Floats, a: Floats, b: Floats, g: BroadcastGeometry, side: 'a' | 'b'): void;
  exp(y: Floats, x: Floats): void;
  expBackward(dx: Floats, dy: Floats, y: Floats): void;
  log(y: Floats, x: Floats): void;
  logBackward(dx: Floats, dy: Floats, x: Floats): void;
  sqrt(y: Floats, x: Floats): void;
  sqrtBackward(dx: Floats, dy: Floats, y: Floats): void;
  /** y = |x|; dx += dy * sign(x) */
  abs(y: Floats, x: Floats): void;
  absBackward(dx: Floats, dy: Floats, x: Floats): void;
  /** y = scale * x (negation, and a mean's division) */
  scale(y: Floats, x: Floats, factor: number): void;
  /** dx += factor * dy */
  scaleBackward(dx: Floats, dy: Floats, factor: number): void;
  /** dx += dy, one length */
  accumulate(dx: Floats, dy: Floats): void;
  /** y = g.scale * the sum of x over the reduced axes (scale = 1/count for a mean); accumulated in doubles. */
  sum(y: Floats, x: Floats, g: ReduceGeometry): void;
  /** dx += g.scale * dy, spread over the reduced axes */
  sumBackward(dx: Floats, dy: Floats, g: ReduceGeometry): void;
  /** y = the largest of x over the reduced axes; NaN wins */
  max(y: Floats, x: Floats, g: ReduceGeometry): void;
  /** dx += dy / ties at every x that equals y, as torch.amax does. */
  maxBackward(dx: Floats, dy: Floats, x: Floats, y: Floats, g: ReduceGeometry): void;
}

/** What instruments know of these kernels. */
export const arithmeticTraits: KernelTraits<ArithmeticKernels> = {
  // A negative base has a power for whole exponents only.
  pow: { deciding: [2] },
  powBackward: { deciding: [3] },
  absBackward: { deciding: [2] },
  maxBackward: { deciding: [2, 3] },
};

/**
 * Two operands of one output. Axes that behave alike are merged, so equal shapes have one axis; a stretched axis has
 * stride 0. `sameA` and `sameB` say that an operand already has the output's shape.
 */
export interface BroadcastGeometry {
  readonly shape: Int32Array;
  readonly stridesA: Int32Array;
  readonly stridesB: Int32Array;
  readonly sameA: boolean;
  readonly sameB: boolean;
}

/**
 * x of `shape` (neighboring axes of one kind merged) and y, whose stride is 0 on reduced axes. `count` is the number of
 * x elements behind one of y.
 */
export interface ReduceGeometry {
  readonly shape: Int32Array;
  readonly stridesY: Int32Array;
  readonly count: number;
  readonly scale: number;
}

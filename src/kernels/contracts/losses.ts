import type { Floats } from '../../memory/memory.js';
import type { KernelTraits } from '../traits.js';

/**
 * Losses give one value a row (cross-entropy, hinge) or an element (the others); the op reduces them. `dLoss` has the
 * shape of `loss`.
 */
export interface LossKernels {
  /**
   * logits [N, K], labels [N], classWeight [K] or null. With smoothing e: loss[n] = (1-e) W[y] nll(y) + e/K sum over k of W[k] nll(k),
   * nll(k) = -logSoftmax(logits[n])[k]. The op divides by N or by the sum of the labels' weights.
   */
  crossEntropy(
    loss: Floats,
    logits: Floats,
    labels: Int32Array,
    classWeight: Floats | null,
    g: CrossEntropyGeometry,
  ): void;
  crossEntropyBackward(
    dLogits: Floats,
    dLoss: Floats,
    logits: Floats,
    labels: Int32Array,
    classWeight: Floats | null,
    g: CrossEntropyGeometry,
  ): void;
  /** loss = max(x, 0) - x t + log(1 + exp(-|x|)); with g.positiveWeight p: (1-t) x + (1 + (p-1) t) softplus(-x) */
  binaryCrossEntropyWithLogits(
    loss: Floats,
    x: Floats,
    target: Floats,
    positiveWeight: Floats | null,
    g: ElementLossGeometry,
  ): void;
  binaryCrossEntropyWithLogitsBackward(
    dx: Floats,
    dLoss: Floats,
    x: Floats,
    target: Floats,
    positiveWeight: Floats | null,
    g: ElementLossGeometry,
  ): void;
  /** |d| <= g.delta ? d^2/2 : delta (|d| - delta/2), d = x - target */
  huber(loss: Floats, x: Floats, target: Floats, g: ElementLossGeometry): void;
  huberBackward(dx: Floats, dLoss: Floats, x: Floats, target: Floats, g: ElementLossGeometry): void;
  /** loss[n] = sum over k != y of max(0, margin - x[y] + x[k])^power / K (Weston and Watkins 1999; PyTorch's multi_margin_loss) */
  multiclassHinge(loss: Floats, x: Floats, labels: Int32Array, g: HingeGeometry): void;
  multiclassHingeBackward(dx: Floats, dLoss: Floats, x: Floats, labels: Int32Array, g: HingeGeometry): void;
}

/** What instruments know of these kernels. */
export const lossTraits: KernelTraits<LossKernels> = {
  huberBackward: { deciding: [2, 3] },
  multiclassHingeBackward: { deciding: [2] },
};

export interface CrossEntropyGeometry {
  readonly rows: number;
  readonly classes: number;
  readonly labelSmoothing: number;
}

export interface ElementLossGeometry {
  /** Length of the last axis: that of positiveWeight. */
  readonly classes: number;
  /** Huber's threshold; 1 for the others. */
  readonly delta: number;
}

export interface HingeGeometry {
  readonly rows: number;
  readonly classes: number;
  readonly margin: number;
  /** 1 or 2. */
  readonly power: number;
}

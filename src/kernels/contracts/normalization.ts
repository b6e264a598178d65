import type { Floats } from '../../memory/memory.js';
import type { KernelTraits } from '../traits.js';

/** x [N, C, ...spatial]; weight and bias [C], or null for 1 and 0; sums are accumulated in doubles where the table is plain. */
export interface NormalizationKernels {
  /** mean[c], variance[c] (biased) over N and space. */
  batchNormStatistics(mean: Floats, variance: Floats, x: Floats, g: BatchNormGeometry): void;
  /** y = (x - mean[c]) / sqrt(variance[c] + g.eps) * weight[c] + bias[c], or 0 where that is negative and g.relu is set. */
  batchNorm(
    y: Floats,
    x: Floats,
    mean: Floats,
    variance: Floats,
    weight: Floats | null,
    bias: Floats | null,
    g: BatchNormGeometry,
  ): void;
  /**
   * The batch norm of evaluation as one product and sum, of v + b[c] (b may be null):
   * scale[c] = weight[c] / sqrt(variance[c] + eps), shift[c] = bias[c] + (b[c] - mean[c]) * scale[c].
   */
  batchNormFold(
    scale: Floats,
    shift: Floats,
    mean: Floats,
    variance: Floats,
    weight: Floats | null,
    bias: Floats | null,
    b: Floats | null,
    eps: number,
  ): void;
  /**
   * Training mode: mean and variance depend on x. Null outputs are not computed. With g.relu only the dy where y > 0 count:
   * y is computed anew from x, for which alone bias is read. dx may be dy itself, which it then replaces.
   */
  batchNormBackward(
    dx: Floats | null,
    dWeight: Floats | null,
    dBias: Floats | null,
    dy: Floats,
    x: Floats,
    mean: Floats,
    variance: Floats,
    weight: Floats | null,
    bias: Floats | null,
    g: BatchNormGeometry,
  ): void;
  /** Evaluation mode: mean and variance are constants. Else as `batchNormBackward`. */
  batchNormEvalBackward(
    dx: Floats | null,
    dWeight: Floats | null,
    dBias: Floats | null,
    dy: Floats,
    x: Floats,
    mean: Floats,
    variance: Floats,
    weight: Floats | null,
    bias: Floats | null,
    g: BatchNormGeometry,
  ): void;
  /** running = (1 - momentum) running + momentum * batch; the variance unbiased, times count / (count - 1). */
  batchNormUpdateRunning(
    runningMean: Floats,
    runningVar: Floats,
    mean: Floats,
    variance: Floats,
    momentum: number,
    g: BatchNormGeometry,
  ): void;
  /** Statistics over the channels of a group and space: mean, invStd [N, groups]. */
  groupNorm(
    y: Floats,
    mean: Floats,
    invStd: Floats,
    x: Floats,
    weight: Floats | null,
    bias: Floats | null,
    g: GroupNormGeometry,
  ): void;
  groupNormBackward(
    dx: Floats | null,
    dWeight: Floats | null,
    dBias: Floats | null,
    dy: Floats,
    x: Floats,
    mean: Floats,
    invStd: Floats,
    weight: Floats | null,
    g: GroupNormGeometry,
  ): void;
  /** x [rows, size], statistics over a row: mean, invStd [rows]; weight and bias [size]. */
  layerNorm(
    y: Floats,
    mean: Floats,
    invStd: Floats,
    x: Floats,
    weight: Floats | null,
    bias: Floats | null,
    g: LayerNormGeometry,
  ): void;
  layerNormBackward(
    dx: Floats | null,
    dWeight: Floats | null,
    dBias: Floats | null,
    dy: Floats,
    x: Floats,
    mean: Floats,
    invStd: Floats,
    weight: Floats | null,
    g: LayerNormGeometry,
  ): void;
  /** y = x / (k + alpha/size * sum of x^2 over the `size` channels around c)^beta, as PyTorch (Krizhevsky 2012, 3.3) */
  localResponseNorm(y: Floats, x: Floats, g: LocalResponseNormGeometry): void;
  localResponseNormBackward(dx: Floats, dy: Floats, x: Floats, g: LocalResponseNormGeometry): void;
}

/** What instruments know of these kernels. */
export const normalizationTraits: KernelTraits<NormalizationKernels> = {};

export interface ChannelGeometry {
  readonly batch: number;
  readonly channels: number;
  /** H times W. */
  readonly spatial: number;
  readonly eps: number;
}

export interface BatchNormGeometry extends ChannelGeometry {
  /** A rectifier follows, in the same pass. */
  readonly relu: boolean;
}

export interface GroupNormGeometry extends ChannelGeometry {
  readonly groups: number;
}

export interface LayerNormGeometry {
  readonly rows: number;
  readonly size: number;
  readonly eps: number;
}

export interface LocalResponseNormGeometry {
  readonly batch: number;
  readonly channels: number;
  readonly spatial: number;
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

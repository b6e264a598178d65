import type { Floats } from '../../memory/memory.js';
import type { Conv2dGeometry } from '../geometry.js';
import type { KernelTraits } from '../traits.js';

/** What follows a convolution in one go: nothing, or the activation of that name. */
export type FusedActivation = 'none' | 'relu' | 'relu6' | 'hardSwish' | 'hardSigmoid' | 'silu' | 'sigmoid';

/** x [N, C, H, W], w [O, C/groups, R, S], b [O], y [N, O, P, Q]; gradients have the shape of what they belong to. */
export interface ConvolutionKernels {
  /** y[n,o,p,q] = b[o] + sum over i,r,s of x[n, i, p*stride + r*dilation - padTop, q*stride + s*dilation - padLeft] * w[o,i,r,s] */
  conv2d(y: Floats, x: Floats, w: Floats, b: Floats | null, g: Conv2dGeometry, workspace: Floats): void;
  /**
   * y = activation(scale[o] * conv2d(x, w) + shift[o] + residual), where null stands for 1, 0 and 0; `w` has no bias of its own, and `residual` has
   * the shape of y. `kept` is null, or what `conv2dKeepFilters` made of this w: then w is not read. Workspace as for 'forward', or
   * with `kept` what `conv2dKeptWorkspace` says.
   */
  conv2dFused(
    y: Floats,
    x: Floats,
    w: Floats,
    scale: Floats | null,
    shift: Floats | null,
    residual: Floats | null,
    activation: FusedActivation,
    g: Conv2dGeometry,
    workspace: Floats,
    kept: Floats | null,
  ): void;
  /** kept = the filters of w in the order in which the forward pass reads them. */
  conv2dKeepFilters(kept: Floats, w: Floats, g: Conv2dGeometry): void;
  /** dx[n,i,h,w] += sum of dy[n,o,p,q] * w[o,i,r,s] over every (o,p,q,r,s) whose window touches (h,w). */
  conv2dBackwardInput(dx: Floats, dy: Floats, w: Floats, g: Conv2dGeometry, workspace: Floats): void;
  /** dw[o,i,r,s] += sum over n,p,q of dy[n,o,p,q] * x[n, i, p*stride + r*dilation - padTop, ...] */
  conv2dBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: Conv2dGeometry, workspace: Floats): void;
  /** db[o] += sum over n,p,q of dy[n,o,p,q] */
  conv2dBackwardBias(db: Floats, dy: Floats, g: Conv2dGeometry): void;
  /** Floats of workspace that each pass wants; 0 for none. */
  conv2dWorkspace(pass: 'forward' | 'backwardInput' | 'backwardWeight', g: Conv2dGeometry): number;
  /** The name of the algorithm that computes the forward pass. */
  conv2dAlgorithm(g: Conv2dGeometry): string;
  /** Floats of `kept`; 0 where the forward pass reads w as it is, and takes null. */
  conv2dKeptLength(g: Conv2dGeometry): number;
  /** Floats of workspace that the forward pass wants with `kept`. */
  conv2dKeptWorkspace(g: Conv2dGeometry): number;
}

/** What instruments know of these kernels. */
export const convolutionTraits: KernelTraits<ConvolutionKernels> = {
  conv2d: { flops: (_y, _x, _w, _b, g) => convolutionFlops(g) },
  conv2dFused: { flops: (_y, _x, _w, _scale, _shift, _residual, _activation, g) => convolutionFlops(g) },
  conv2dBackwardInput: { flops: (_dx, _dy, _w, g) => convolutionFlops(g) },
  conv2dBackwardWeight: { flops: (_dw, _dy, _x, g) => convolutionFlops(g) },
  conv2dKeepFilters: { unchecked: true },
  conv2dWorkspace: { query: true },
  conv2dAlgorithm: { query: true },
  conv2dKeptLength: { query: true },
  conv2dKeptWorkspace: { query: true },
};

function convolutionFlops(g: Conv2dGeometry): number {
  const window = (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth;
  return 2 * g.batch * g.outChannels * g.outHeight * g.outWidth * window;
}

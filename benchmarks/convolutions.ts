import { type Shape, sizeOf } from '../src/base/shape.js';
import { type Conv2dOptions, conv2dGeometry } from '../src/kernels/geometry.js';
import { columnsForward, columnsForwardWorkspace } from '../src/kernels/simd/conv/columns.js';
import { columnsBackwardInput, columnsInputWorkspace } from '../src/kernels/simd/conv/columnsInput.js';
import { columnsBackwardWeight, columnsWeightWorkspace } from '../src/kernels/simd/conv/columnsWeights.js';
import { biasEpilogue } from '../src/kernels/simd/conv/epilogue.js';
import { winogradBackwardInput, winogradForward, winogradWorkspace } from '../src/kernels/simd/conv/winograd.js';
import type { GradientScheme, Scheme } from '../src/kernels/simd/conv/winogradScheme.js';
import { winogradBackwardWeight } from '../src/kernels/simd/conv/winogradWeights.js';
import type { Kernels } from '../src/kernels/tables.js';
import { simd } from '../src/kernels/tables.js';
import { consume, normals, zeros } from './support.js';

export const PASSES = ['forward', 'backwardInput', 'backwardWeight'] as const;
export type Pass = (typeof PASSES)[number];

/** The four kernels of a convolution: a table's own, or one algorithm's without the choice among them. */
export type Convolution = Pick<Kernels, 'conv2d' | 'conv2dBackwardInput' | 'conv2dBackwardWeight' | 'conv2dWorkspace'>;

const COLUMNS_WORKSPACE = {
  forward: columnsForwardWorkspace,
  backwardInput: columnsInputWorkspace,
  backwardWeight: columnsWeightWorkspace,
};

/** SIMD, gathering windows block by block, whatever the choice would be. */
export const columns: Convolution = {
  conv2d: (y, x, w, b, g, workspace) => columnsForward(y, x, w, biasEpilogue(b), g, workspace),
  conv2dBackwardInput: columnsBackwardInput,
  conv2dBackwardWeight: columnsBackwardWeight,
  conv2dWorkspace: (pass, g) => COLUMNS_WORKSPACE[pass](g),
};

/** SIMD by Winograd's algorithm, for the shapes that fit it; weight gradients by columns where the scheme has none. */
export function winograd(scheme: Scheme | GradientScheme): Convolution {
  const forBoth = {
    conv2d: (y, x, w, b, g, workspace) => winogradForward(y, x, w, biasEpilogue(b), g, workspace, scheme),
    conv2dBackwardInput: (dx, dy, w, g, workspace) => winogradBackwardInput(dx, dy, w, g, workspace, scheme),
  } satisfies Partial<Convolution>;
  if (!('filterGradient' in scheme)) {
    const conv2dWorkspace: Convolution['conv2dWorkspace'] = (pass, g) =>
      pass === 'backwardWeight' ? columnsWeightWorkspace(g) : winogradWorkspace(pass, g, scheme);
    return { ...forBoth, conv2dBackwardWeight: columnsBackwardWeight, conv2dWorkspace };
  }
  return {
    ...forBoth,
    conv2dBackwardWeight: (dw, dy, x, g, workspace) => winogradBackwardWeight(dw, dy, x, g, workspace, scheme),
    conv2dWorkspace: (pass, g) => winogradWorkspace(pass, g, scheme),
  };
}

/** SIMD by the library's own choice. */
export const chosen: Convolution = simd;

/** A layer and its data, on the tensor heap. */
export class Layer {
  readonly g;
  readonly x;
  readonly w;
  readonly b;
  readonly y;
  readonly dy;
  readonly dx;
  readonly dw;
  /** Of one pass, in direct multiplications and additions, whichever algorithm computes it. */
  readonly flops: number;

  constructor(xShape: Shape, wShape: Shape, options: Conv2dOptions) {
    this.g = conv2dGeometry('benchmark', xShape, wShape, options);
    const outputs = this.g.batch * this.g.outChannels * this.g.outHeight * this.g.outWidth;
    this.x = normals(sizeOf(xShape));
    this.w = normals(sizeOf(wShape));
    this.b = normals(this.g.outChannels);
    this.dy = normals(outputs);
    this.y = zeros(outputs);
    this.dx = zeros(this.x.length);
    this.dw = zeros(this.w.length);
    this.flops = (2 * outputs * this.w.length) / this.g.outChannels;
  }

  /** One run of a pass. The workspace is made for the number of threads of the moment. */
  pass(pass: Pass, by: Convolution): () => void {
    const { g, x, w, b, y, dy, dx, dw } = this;
    const workspace = zeros(by.conv2dWorkspace(pass, g));
    if (pass === 'forward') {
      return () => {
        by.conv2d(y, x, w, b, g, workspace);
        consume(y);
      };
    }
    if (pass === 'backwardInput') {
      return () => {
        by.conv2dBackwardInput(dx, dy, w, g, workspace);
        consume(dx);
      };
    }
    return () => {
      by.conv2dBackwardWeight(dw, dy, x, g, workspace);
      consume(dw);
    };
  }
}

import type { FusedActivation } from '../../../kernels/contracts/convolution.js';
import { convolutionKernels } from '../../../kernels/families/convolution.js';
import { normalizationKernels } from '../../../kernels/families/normalization.js';
import type { Conv2dGeometry } from '../../../kernels/geometry.js';
import { type Floats, workspace } from '../../../memory/memory.js';
import { type Deferred, Storage } from '../../../memory/storage.js';
import { currentScope } from '../../scope.js';
import { Tensor } from '../../tensor.js';
import { keptFor } from './keptFilters.js';

/** What is done to the result of a convolution: activation(scale[o] * y + shift[o]), null for 1 and 0. */
interface Epilogue {
  readonly scale: Storage | null;
  readonly shift: Storage | null;
  readonly activation: FusedActivation;
}

/** A convolution that waits. It holds the blocks of its operands, so that they may be disposed in the meantime. */
export class DeferredConv2d implements Deferred {
  constructor(
    readonly x: Storage,
    readonly w: Storage,
    readonly epilogue: Epilogue,
    readonly g: Conv2dGeometry,
    readonly kept: Storage | null,
  ) {
    for (const block of this.#blocks()) block.retain();
  }

  run(y: Storage): void {
    this.fill(y.data);
  }

  fill(y: Floats): void {
    const { scale, shift, activation } = this.epilogue;
    // Asked for when the convolution was put off: it does not grow here, where the caller may hold views.
    const scratch = workspace(convolutionKernels.conv2dWorkspace('forward', this.g), 'conv2d');
    if (this.kept !== null) convolutionKernels.conv2dKeepFilters(this.kept.data, this.w.data, this.g);
    convolutionKernels.conv2dFused(
      y,
      this.x.data,
      this.w.data,
      scale && scale.data,
      shift && shift.data,
      activation,
      this.g,
      scratch,
      this.kept && this.kept.data,
    );
  }

  drop(): void {
    for (const block of this.#blocks()) block.release();
  }

  /** The same, holding its operands anew. */
  again(): DeferredConv2d {
    return new DeferredConv2d(this.x, this.w, this.epilogue, this.g, this.kept);
  }

  activated(activation: 1 | 2): DeferredConv2d | null {
    if (this.epilogue.activation !== 0) return null;
    return new DeferredConv2d(this.x, this.w, { ...this.epilogue, activation }, this.g, this.kept);
  }

  #blocks(): Storage[] {
    const { scale, shift } = this.epilogue;
    return [this.x, this.w, scale, shift, this.kept].filter((block) => block !== null);
  }
}

/** A tensor that the convolution will fill, in a scope that fuses; else null. Anything that waits in x is computed first. */
export function deferConv2d(x: Tensor, w: Tensor, b: Tensor | null, g: Conv2dGeometry): Tensor | null {
  if (currentScope()?.deferred == null) return null;
  workspace(convolutionKernels.conv2dWorkspace('forward', g), 'conv2d');
  const kept = keptFor(w.storage, g);
  const y = Tensor.empty('conv2d', [g.batch, g.outChannels, g.outHeight, g.outWidth]);
  // Reading computes what waits in x, and throws if one was released.
  void [x.data, w.data, b?.data];
  return put(
    y,
    new DeferredConv2d(x.storage, w.storage, { scale: null, shift: b && b.storage, activation: 0 }, g, kept),
  );
}

/** What a batch norm in evaluation mode does to each channel. */
export interface Normalisation {
  mean: Tensor;
  variance: Tensor;
  weight: Tensor | null;
  bias: Tensor | null;
  eps: number;
  relu: boolean;
}

/** The batch norm of a convolution that waits, waiting too; null when x is no such thing. x itself goes on to wait for its own readers. */
export function deferBatchNorm(op: string, x: Tensor, n: Normalisation): Tensor | null {
  const before = waiting(x);
  if (before === null || before.epilogue.scale !== null || before.epilogue.activation !== 0) return null;
  const { mean, variance, weight, bias, eps } = n;
  const y = Tensor.empty(op, x.shape);
  const scale = new Storage(mean.size, op);
  let shift: Storage;
  try {
    shift = new Storage(mean.size, op);
  } catch (error) {
    scale.release();
    throw error;
  }
  const b = before.epilogue.shift;
  normalizationKernels.batchNormFold(
    scale.data,
    shift.data,
    mean.data,
    variance.data,
    weight && weight.data,
    bias && bias.data,
    b && b.data,
    eps,
  );
  const after = new DeferredConv2d(
    before.x,
    before.w,
    { scale, shift, activation: n.relu ? 1 : 0 },
    before.g,
    before.kept,
  );
  scale.release();
  shift.release();
  return put(y, after);
}

/** relu (1) or relu6 (2) of convolutions that wait, waiting too; null when x is no such thing. */
export function deferActivation(op: string, x: Tensor, activation: 1 | 2): Tensor | null {
  if (currentScope()?.deferred == null || x.disposed) return null;
  const after = x.storage.deferred?.activated(activation);
  return after == null ? null : put(Tensor.empty(op, x.shape), after);
}

/** The convolution that x waits for, in a scope that fuses; else null. */
export function waiting(x: Tensor): DeferredConv2d | null {
  if (currentScope()?.deferred == null || x.disposed) return null;
  const { deferred } = x.storage;
  return deferred instanceof DeferredConv2d ? deferred : null;
}

/** y, to be filled when it is read. */
export function put(y: Tensor, deferred: Deferred): Tensor {
  y.storage.deferred = deferred;
  currentScope()?.deferred?.add(y.storage);
  return y;
}

import { ArgumentError, ShapeError } from '../base/errors.js';
import type { Shape } from '../base/shape.js';
import { Tape } from '../tensor/tape.js';
import { Tensor } from '../tensor/tensor.js';
import { BatchNorm2d } from './batchNorm2d.js';
import { Conv2d } from './conv2d.js';
import type { Module } from './module.js';
import { withMode } from './withMode.js';

type Entry = Parameters<Tape['push']>[0];

/** Image sizes that `fuse` tries if it gets no shape: the smallest that most models accept, then that of ImageNet. */
const SIDES = [32, 224] as const;

/**
 * Folds batch norms into the convolutions before them, for inference only: the model computes the same result in fewer passes.
 *
 * weight' = weight * gamma / sqrt(variance + eps), bias' = beta + (bias - mean) * gamma / sqrt(variance + eps)
 *
 * Runs the model once in evaluation mode on zeros of `inputShape`, and folds each batch norm whose input is the output of one
 * convolution that nothing else uses. The batch norm then returns its input. Its own values are set to the identity, so the state
 * dict of a fused model stays correct. Returns the number of folded batch norms.
 *
 * Training a fused model throws an error. `predict` does not need `fuse`, since it merges the two in every call with the current weights.
 * `fuse` saves that work, and plain `forward` gains most.
 *
 * @param inputShape - [N, C, H, W]. Default: one image of 32x32, or of 224x224 if that is too small, with the channels of the first convolution.
 *
 * Throws `ArgumentError` when the model has no convolution and no shape is given.
 *
 * Numerics: within float32 rounding of the model as it was.
 *
 * Source: Jacob et al. 2017 (arXiv:1712.05877), section 3.2.
 *
 * @example
 * fuse(model.eval()); // 20 for resnet18
 */
export function fuse(model: Module, inputShape?: Shape): number {
  const modules = [...new Set([...model.namedModules()].map(([, module]) => module))];
  const convolutions = modules.filter((m) => m instanceof Conv2d);
  const norms = modules.filter((m) => m instanceof BatchNorm2d);
  const entries = inputShape === undefined ? recordDefault(model, convolutions) : recordOn(model, inputShape);
  let folded = 0;
  for (const entry of entries.calls) {
    if (!entry.op.startsWith('batchNorm')) continue;
    const norm = norms.filter((m) => !m.folded && m.runningMean === entry.attributes.mean);
    const before = entries.calls.filter((e) => e.output === entry.inputs[0]);
    if (norm.length !== 1 || before.length !== 1 || before[0].op !== 'conv2d') continue;
    const [conv, ...others] = convolutions.filter((m) => m.weight === before[0].inputs[1]);
    const output = before[0].output;
    const uses = (tensor: unknown): number => entries.calls.flatMap((e) => e.inputs).filter((x) => x === tensor).length;
    // A weight or batch norm that is used twice would be folded in both places.
    const again = entries.calls.filter((e) => e.attributes.mean === norm[0].runningMean).length;
    if (conv === undefined || others.length > 0 || uses(conv.weight) !== 1 || again !== 1) continue;
    if (uses(output) !== 1 || output === entries.result) continue;
    norm[0].foldInto(conv);
    folded++;
  }
  return folded;
}

interface Recorded {
  calls: { op: string; inputs: readonly Tensor[]; output: Tensor; attributes: { mean?: unknown } }[];
  result: Tensor;
}

class ListeningTape extends Tape {
  readonly calls: Entry[] = [];

  override push(entry: Entry): void {
    super.push(entry);
    this.calls.push(entry);
  }
}

function recordDefault(model: Module, convolutions: readonly Conv2d[]): Recorded {
  if (convolutions.length === 0) {
    throw new ArgumentError('fuse: the model has no Conv2d, so the shape of its input is unknown. Pass inputShape.');
  }
  const of = (side: number): Recorded => recordOn(model, [1, convolutions[0].inChannels, side, side]);
  try {
    return of(SIDES[0]);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return of(SIDES[1]);
  }
}

function recordOn(model: Module, shape: Shape): Recorded {
  const tape = new ListeningTape();
  try {
    return withMode(model, 'eval', () => {
      const result = model.forward(Tensor.zeros(shape));
      return { calls: tape.calls, result };
    });
  } finally {
    tape.close();
  }
}

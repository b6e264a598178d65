import { checkOptions } from '../base/checkOptions.js';
import type { Module } from '../layers/module.js';
import { Tape } from '../tensor/tape.js';
import { Tensor } from '../tensor/tensor.js';
import { expectPictures, inputGradient } from './inputGradient.js';
import type { TargetOptions } from './target.js';

type Entry = Parameters<Tape['push']>[0];

/** A tape on which a ReLU lets only positive gradients pass, whatever layer or function it is part of. */
class GuidedTape extends Tape {
  override push(entry: Entry): void {
    if (!endsInRelu(entry)) {
      super.push(entry);
      return;
    }
    super.push({
      ...entry,
      passThrough: false,
      inPlace: 0,
      backward: (dy, dx) => {
        const positive = Tensor.from(
          Float32Array.from(dy.data, (value) => Math.max(0, value)),
          dy.shape,
        );
        entry.backward(positive, dx);
        positive.dispose();
      },
    });
  }
}

/** Operations of their own, and those that end with one. */
function endsInRelu({ op, attributes }: Entry): boolean {
  return (
    op === 'relu' || op === 'relu6' || op === 'addRelu' || (attributes as { relu?: boolean | undefined }).relu === true
  );
}

/**
 * Guided backpropagation: the gradient by the pixels, where each ReLU on the way back lets only positive gradients pass. The result is sharp and shows edges,
 * but says little about the class: it stays much the same when the last layer is replaced by a random one. Don't take it for a reason.
 *
 * Shapes: x [N, C, H, W] -> [N, C, H, W].
 *
 * Throws like `saliency`.
 *
 * Source: Springenberg et al. 2015, "Striving for Simplicity: The All Convolutional Net"; Adebayo et al. 2018, "Sanity Checks for Saliency Maps".
 */
export function guidedBackprop(model: Module, x: Tensor, options: TargetOptions = {}): Tensor {
  checkOptions('guidedBackprop', options, ['target']);
  expectPictures('guidedBackprop', model, x);
  const { gradient } = inputGradient('guidedBackprop', model, x, options.target, () => new GuidedTape());
  return Tensor.from(gradient, x.shape);
}

import { type ClassInfo, ImageClassifier, type ImageClassifierOptions } from '../src/classifier/index.js';
import { encodePng } from '../src/images/index.js';
import { Linear } from '../src/layers/linear.js';
import { Module } from '../src/layers/module.js';
import { globalAvgPool2d } from '../src/tensor/ops/nn/globalAvgPool2d.js';
import type { Tensor } from '../src/tensor/tensor.js';

/** A network whose logits are the mean red, green and blue of a picture, from -`SHARPNESS` to `SHARPNESS`. */
class ColorNet extends Module {
  readonly head = new Linear(3, 3);

  constructor() {
    super();
    this.head.weight.dataToOverwrite.set([SHARPNESS, 0, 0, 0, SHARPNESS, 0, 0, 0, SHARPNESS]);
    this.head.bias?.dataToOverwrite.set([0, 0, 0]);
  }

  forward(x: Tensor): Tensor {
    return this.head.forward(globalAvgPool2d(x));
  }
}

const SHARPNESS = 12;

/** A classifier whose classes are red, green and blue: pictures of one color are sure, of two colors torn between both. */
export function colorClassifier(
  classes: readonly (string | ClassInfo)[],
  options: Partial<ImageClassifierOptions> = {},
): ImageClassifier {
  return new ImageClassifier(new ColorNet().eval(), {
    classes,
    preprocessing: { size: 16, shortSide: 16, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    ...options,
  });
}

/** A picture in stripes of colors, from left to right, as PNG. */
export function colored(colors: readonly (readonly [number, number, number])[], side = 128): Uint8Array {
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    data.set(colors[Math.floor(((i % side) * colors.length) / side)], 3 * i);
  }
  return encodePng({ width: side, height: side, data });
}

export const RED = [255, 0, 0] as const;
export const GREEN = [0, 255, 0] as const;
export const BLUE = [0, 0, 255] as const;

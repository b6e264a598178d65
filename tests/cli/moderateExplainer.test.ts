import { expect, test } from 'vitest';
import { explainer } from '../../cli/moderate/explainer.js';
import { ImageClassifier } from '../../src/classifier/index.js';
import { decodeImage, encodePng } from '../../src/images/index.js';
import { Conv2d, globalAvgPool2d, Module, relu, type Tensor } from '../../src/index.js';
import { colorClassifier } from '../../testing/colorClassifier.js';

/** The logits are the means of red and of blue. */
class Colors extends Module {
  conv = new Conv2d(3, 2, 1, { bias: false });
  constructor() {
    super();
    this.conv.weight.data.set([1, 0, 0, 0, 0, 1]);
  }
  forward(x: Tensor): Tensor {
    return globalAvgPool2d(relu(this.conv.forward(x)));
  }
}

/** Twice as wide as high, with red at the left edge and in the middle. */
const [width, height] = [64, 32];
const isRed = (x: number, y: number): boolean => x < 8 || (x >= 36 && x < 44 && y >= 4 && y < 12);
const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => {
  const p = Math.floor(i / 3);
  return i % 3 === 0 && isRed(p % width, Math.floor(p / width)) ? 255 : 0;
});
const photo = encodePng({ width, height, data });
const decision = { item: 'a', action: 'review', reason: 'thresholds', scores: {} } as const;

test('an overlay marks what speaks for the class, where it lies in the photograph', async () => {
  const classifier = new ImageClassifier(new Colors().eval(), {
    classes: ['red', 'blue'],
    preprocessing: { size: 32 },
  });
  const explain = await explainer(classifier, undefined);
  const overlay = await decodeImage(await explain(photo, decision), { mode: 'RGBA' });
  expect([overlay.width, overlay.height]).toEqual([width, height]);
  const alpha = (x: number, y: number): number => overlay.data[4 * (y * width + x) + 3];
  expect(alpha(40, 8)).toBe(255);
  expect(alpha(30, 20)).toBe(0);
  // The classifier saw the middle alone.
  expect(alpha(4, 8)).toBe(0);
});

test('a network without maps is explained by covering parts', async () => {
  const explain = await explainer(colorClassifier(['red', 'green', 'blue']), undefined);
  const overlay = await decodeImage(await explain(photo, decision), { mode: 'RGBA' });
  expect(overlay.data.some((value, i) => i % 4 === 3 && value > 0)).toBe(true);
});

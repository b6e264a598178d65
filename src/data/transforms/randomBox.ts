import type { RandomStream } from '../../base/random.js';
import { type Interval, within } from './interval.js';
import type { Box } from './resample.js';

/**
 * A part of an image of random area and shape, at a random place, as torchvision's `RandomResizedCrop` draws it: ten tries, then the largest
 * part in the middle whose shape is allowed.
 */
export function randomBox(
  { height: H, width: W }: { height: number; width: number },
  scale: Interval,
  ratio: Interval,
  random: RandomStream,
): Box {
  const logarithms: Interval = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = H * W * within(random, scale);
    const aspect = Math.exp(within(random, logarithms));
    const [height, width] = [Math.round(Math.sqrt(area / aspect)), Math.round(Math.sqrt(area * aspect))];
    if (height < 1 || width < 1 || height > H || width > W) continue;
    return { top: random.integer(H - height + 1), left: random.integer(W - width + 1), height, width };
  }
  const aspect = Math.min(ratio[1], Math.max(ratio[0], W / H));
  const height = Math.max(1, Math.min(H, Math.round(W / aspect)));
  const width = Math.max(1, Math.min(W, Math.round(H * aspect)));
  return { top: Math.floor((H - height) / 2), left: Math.floor((W - width) / 2), height, width };
}

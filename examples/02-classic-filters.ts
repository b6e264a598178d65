// Blur, sharpen, emboss and Sobel as convolutions with fixed weights: npx tsx examples/02-classic-filters.ts
import { mkdirSync, writeFileSync } from 'node:fs';
import { add, conv2d, mul, pad, sqrt, square, Tensor } from 'stridenet';
import { pictureFrom, sheet, toPng } from './support/pictures.js';
import { drawScene } from './support/scene.js';
import { tiny } from './support/tiny.js';

const side = tiny ? 48 : 192;
const picture = drawScene(side); // [1, 3, side, side], 0 to 1

/** The same 3x3 filter on each of the channels: groups = 3 makes three convolutions of one channel. */
function filtered(x: Tensor, ...weights: number[]): Tensor {
  const channels = x.shape[1];
  const w = Tensor.from(Array.from({ length: channels }, () => weights).flat(), [channels, 1, 3, 3]);
  return conv2d(pad(x, 1, { mode: 'replicate' }), w, null, { groups: channels });
}

// biome-ignore format: filters are read as squares.
const blur = filtered(picture, ...[1, 2, 1,
                                   2, 4, 2,
                                   1, 2, 1].map((v) => v / 16));
// biome-ignore format: filters are read as squares.
const sharpen = filtered(picture,  0, -1,  0,
                                  -1,  5, -1,
                                   0, -1,  0);
// biome-ignore format: filters are read as squares.
const emboss = filtered(picture, -2, -1, 0,
                                 -1,  1, 1,
                                  0,  1, 2);

// Sobel works on brightness, which is a 1x1 convolution of the colors: how fast it changes to the right and downwards.
const gray = conv2d(picture, Tensor.from([0.299, 0.587, 0.114], [1, 3, 1, 1]), null);
const right = filtered(gray, -1, 0, 1, -2, 0, 2, -1, 0, 1);
const down = filtered(gray, -1, -2, -1, 0, 0, 0, 1, 2, 1);
const edges = mul(sqrt(add(square(right), square(down))), 0.4);

// Changes lie around zero: mid-gray is none.
const show = (x: Tensor, range: [number, number] = [0, 1]) => pictureFrom(x.data, x.shape.slice(1), range);
const pictures = [show(picture), show(blur), show(sharpen), show(emboss), show(right, [-2, 2]), show(edges)];
mkdirSync('runs', { recursive: true });
writeFileSync('runs/classic-filters.png', toPng(sheet(pictures, 3)));
console.log('runs/classic-filters.png: the picture, blur, sharpen; emboss, change to the right, edges');

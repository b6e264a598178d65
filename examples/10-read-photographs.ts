// A photograph as a network wants it: npx tsx examples/10-read-photographs.ts [PHOTO]
//
// PHOTO is a JPEG, PNG, WebP, GIF, BMP or TIFF file. Without it the example draws one.
import { mkdirSync, writeFileSync } from 'node:fs';
import { centerCrop, encodePng, type RgbImage, resizeImage } from '../src/images/index.js';
import { Tensor } from '../src/index.js';
import { readImage } from '../src/node/index.js';

mkdirSync('runs', { recursive: true });
const [given] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const file = given ?? 'runs/drawn.png';
if (given === undefined) writeFileSync(file, encodePng(rings(400, 300)));

// (1) The file as upright RGB bytes, the same as Pillow's.
const photo = await readImage(file);
console.log(`${file}: ${photo.format}, ${photo.width} x ${photo.height}, orientation ${photo.orientation}`);

// (2) The middle of it at the size that ImageNet's networks are trained for, as torchvision prepares it.
const small = centerCrop(await resizeImage(photo, { shortSide: 256 }), 224, 224);
writeFileSync('runs/photograph-224.png', encodePng(small));

// (3) Channel by channel, normalized: what model.predict takes.
const [mean, std] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];
const pixels = small.width * small.height;
const values = Float32Array.from({ length: 3 * pixels }, (_, i) => {
  const c = Math.floor(i / pixels);
  return (small.data[(i % pixels) * 3 + c] / 255 - mean[c]) / std[c];
});
const x = Tensor.from(values, [1, 3, small.height, small.width]);
console.log(`input [${x.shape}], picture in runs/photograph-224.png`);

/** Colored rings. */
function rings(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const [column, row] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    data[i] = 128 + 127 * Math.sin(Math.hypot(column - width / 2, row - height / 2) / (8 + 4 * (i % 3)));
  }
  return { width, height, data };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { enlarge, type Picture, pictureFrom, sheet, toPng } from '../cli/pictures.js';
import { RandomStream } from '../src/base/random.js';
import { type BatchMix, cutmix, type Image, mixup, toFloat } from '../src/data/index.js';
import {
  alternatingFlip,
  colorJitter,
  compose,
  cutout,
  randAugment,
  randomAffine,
  randomCrop,
  randomErasing,
  randomGrayscale,
  randomHorizontalFlip,
  randomResizedCrop,
  randomRotation,
  randomScale,
  randomVerticalFlip,
  translate,
} from '../src/data/transforms/index.js';
import { RAND_AUGMENT_OPERATIONS } from '../src/data/transforms/randAugment.js';
import { Spare } from '../src/data/transforms/spare.js';
import { scope, synthetic, Tensor, type Transform } from '../src/index.js';

// npm run pictures: writes docs/pictures/*.png, what each augmentation makes of a drawn image.

/** Pictures beside one another: the image itself and seven draws. */
const ACROSS = 8;

const data = synthetic({ length: 100, seed: 3 });
const STAR = 64;

/** One for each row of docs/augmentation.md. */
export const augmentations: Readonly<Record<string, Transform>> = {
  randomCrop: randomCrop(4),
  'randomCrop-reflect': randomCrop(8, 'reflect'),
  'randomCrop-replicate': randomCrop(8, 'replicate'),
  translate: translate(4),
  randomResizedCrop: randomResizedCrop(32, { scale: [0.3, 1] }),
  randomHorizontalFlip: randomHorizontalFlip(),
  randomVerticalFlip: randomVerticalFlip(),
  alternatingFlip: alternatingFlip(),
  randomRotation: randomRotation(30),
  randomScale: randomScale([0.7, 1.4], { padding: 'reflect' }),
  randomAffine: randomAffine({ degrees: 20, translate: 0.1, scale: [0.8, 1.2], shear: 15, padding: 'replicate' }),
  brightness: colorJitter({ brightness: 0.6 }),
  contrast: colorJitter({ contrast: 0.8 }),
  saturation: colorJitter({ saturation: 1 }),
  hue: colorJitter({ hue: 0.3 }),
  colorJitter: colorJitter({ brightness: 0.3, contrast: 0.3, saturation: 0.5, hue: 0.1 }),
  randomGrayscale: randomGrayscale(0.5),
  cutout: cutout(12),
  randomErasing: randomErasing({ p: 1, value: 'random' }),
  randAugment: randAugment(),
  compose: compose(randomCrop(4, 'reflect'), randomHorizontalFlip(), randAugment({ numOps: 1 }), cutout(8)),
};

const mixes: Readonly<Record<string, BatchMix>> = { mixup: mixup({ alpha: 1 }), cutmix: cutmix() };

/** Every picture of docs/augmentation.md by its file name. */
export function pictures(): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const [name, transform] of Object.entries(augmentations)) files.set(`${name}.png`, draws(name, transform));
  for (const [name, mix] of Object.entries(mixes)) files.set(`${name}.png`, mixed(name, mix));
  files.set('randAugment-operations.png', operations());
  return files;
}

function draws(name: string, transform: Transform): Uint8Array {
  const random = new RandomStream(name);
  const images = Array.from({ length: ACROSS - 1 }, (_, epoch) => {
    const place = { epoch, index: STAR, seed: 0 };
    return shown(transform(image(STAR), random, place));
  });
  return toPng(sheet([shown(image(STAR)), ...images], ACROSS));
}

/** Two rows: the images of a batch, and what becomes of them. */
function mixed(name: string, mix: BatchMix): Uint8Array {
  return scope(() => {
    const chosen = [STAR, 5, 16, 21, 77, 83, 60, 89];
    const x = Tensor.empty('pictures', [chosen.length, ...data.shape]);
    for (const [n, index] of chosen.entries()) x.data.set(image(index).data, (n * x.size) / chosen.length);
    const labels = Int32Array.from(chosen, (index) => data.label(index));
    const after = mix({ x, labels }, new RandomStream(name)).x;
    const rows = [x, after].flatMap((batch) =>
      chosen.map((index, n) => {
        const size = batch.size / chosen.length;
        return shown({ ...image(index), data: batch.data.slice(n * size, (n + 1) * size) });
      }),
    );
    return toPng(sheet(rows, ACROSS));
  });
}

/** The fourteen operations, two thirds of full strength, in two rows. */
function operations(): Uint8Array {
  const apply = Object.values(RAND_AUGMENT_OPERATIONS);
  const images = apply.map((operation) =>
    shown(operation(image(STAR), { level: 2 / 3, sign: 1, sampling: {}, spare: new Spare() })),
  );
  return toPng(sheet(images, 7));
}

function image(index: number): Image {
  const [channels, height, width] = data.shape;
  return { data: toFloat(data.image(index)), channels, height, width };
}

function shown({ data: pixels, channels, height, width }: Image): Picture {
  return enlarge(pictureFrom(pixels, [channels, height, width]), 2);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = resolve(import.meta.dirname, '../docs/pictures');
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of pictures()) writeFileSync(resolve(folder, name), bytes);
}

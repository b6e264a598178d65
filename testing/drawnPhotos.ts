import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageClassifier } from '../src/classifier/index.js';
import { encodePng } from '../src/images/index.js';
import { createModel, manualSeed } from '../src/index.js';

/** Stripes or dots in a color at random, with noise. */
export function drawn(kind: 'stripes' | 'dots', seed: number): Uint8Array {
  const [width, height] = [40 + (seed % 7), 36 + (seed % 5)];
  const data = new Uint8Array(width * height * 3);
  const color = [0, 1, 2].map((c) => 120 + ((seed * 37 + c * 53) % 120));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const isInk = kind === 'stripes' ? (x + seed) % 8 < 4 : (x + seed) % 8 < 4 === y % 8 < 4;
      for (let c = 0; c < 3; c++) {
        const noise = (x * 31 + y * 17 + seed * 7 + c * 5) % 13;
        data[(y * width + x) * 3 + c] = (isInk ? color[c] : 30) + noise;
      }
    }
  }
  return encodePng({ width, height, data });
}

/** Draws a folder of photographs: `train` and `val`, each with `dots` and `stripes`. */
export function drawPhotos(folder: string): void {
  for (const [part, count] of [
    ['train', 24],
    ['val', 10],
  ] as const) {
    for (const kind of ['dots', 'stripes'] as const) {
      mkdirSync(join(folder, part, kind), { recursive: true });
      for (let i = 0; i < count; i++) {
        writeFileSync(join(folder, part, kind, `${i}.png`), drawn(kind, i + (part === 'val' ? 100 : 0)));
      }
    }
  }
}

/** Photographs with dots in their left half, stripes in their right half, both or neither, and their labels. */
export function drawLabeled(folder: string, count: number): Record<string, string[]> {
  mkdirSync(folder, { recursive: true });
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => {
      const labels = [...(i % 2 === 0 ? ['dots'] : []), ...(i % 3 === 0 ? ['stripes'] : [])];
      const isInk = (x: number, y: number): boolean =>
        x < 20
          ? labels.includes('dots') && (x + i) % 8 < 4 === y % 8 < 4
          : labels.includes('stripes') && (x + i) % 8 < 4;
      const data = Uint8Array.from({ length: 40 * 36 * 3 }, (_, at) => {
        const [x, y] = [Math.floor(at / 3) % 40, Math.floor(at / 120)];
        return (isInk(x, y) ? 130 + ((i * 37 + (at % 3) * 53) % 100) : 30) + ((x * 31 + y * 17 + i * 7) % 13);
      });
      writeFileSync(join(folder, `${i}.png`), encodePng({ width: 40, height: 36, data }));
      return [`${i}.png`, labels];
    }),
  );
}

/** A backbone for them: a small network with random filters. */
export async function saveDrawnBackbone(path: string): Promise<void> {
  manualSeed(1);
  const classifier = new ImageClassifier(createModel('cifar_net'), {
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    preprocessing: { size: 32, shortSide: 36, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  });
  await classifier.save(path);
}

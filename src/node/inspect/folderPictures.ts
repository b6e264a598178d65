import { join } from 'node:path';
import type { ImageShape } from '../../data/dataset.js';
import { contactSheet } from '../../images/draw/contactSheet.js';
import { encodePng } from '../../images/png/encodePng.js';
import { resizeImage } from '../../images/resize/resizeImage.js';
import { writeFileAtomic } from '../files.js';
import { grayscale, type ImageSums } from './imageSums.js';
import { sizesPicture } from './sizesPicture.js';

/** Pixels of the pictures on the contact sheet. */
const SIDE = 96;
const COLUMNS = 12;

/** The small pictures of a contact sheet, as they come. */
export class FolderPictures {
  readonly #rows = new Map<string, Uint8Array[]>();

  constructor(readonly perClass: number) {}

  /** Keeps a small copy of an image [C, H, W] for the row `title`, unless that is full. */
  async add(title: string, pixels: Uint8Array, [channels, height, width]: ImageShape): Promise<void> {
    const row = this.#rows.get(title) ?? [];
    this.#rows.set(title, row);
    if (row.length >= this.perClass) return;
    const rgb = new Uint8Array(width * height * 3);
    for (let p = 0; p < width * height; p++) {
      for (let c = 0; c < 3; c++) rgb[3 * p + c] = pixels[(channels === 1 ? 0 : c) * width * height + p];
    }
    const { data } = await resizeImage({ width, height, data: rgb }, { width: SIDE, height: SIDE, mode: 'crop' });
    row.push(Uint8Array.from(data));
  }

  sheet(): ReturnType<typeof contactSheet> {
    const rows = [...this.#rows].map(([title, tiles]) => ({ title, tiles }));
    const columns = Math.min(COLUMNS, Math.max(3, ...rows.map(({ tiles }) => tiles.length)));
    return contactSheet(rows, SIDE, columns);
  }
}

/** Writes the pictures of a folder as PNG files, and gives their paths. */
export async function drawPictures(
  out: string,
  pictures: FolderPictures,
  sums: ImageSums,
  sizes: readonly (readonly [width: number, height: number])[],
): Promise<string[]> {
  const files = {
    'contact-sheet.png': pictures.sheet(),
    'mean.png': sums.reduced('mean'),
    'mean-gray.png': grayscale(sums.reduced('mean')),
    'deviation.png': sums.reduced('deviation'),
    'minimum.png': sums.reduced('minimum'),
    'maximum.png': sums.reduced('maximum'),
    'sizes.png': sizesPicture(sizes),
  };
  const paths: string[] = [];
  for (const [name, picture] of Object.entries(files)) {
    paths.push(join(out, name));
    await writeFileAtomic(join(out, name), encodePng(picture));
  }
  return paths;
}

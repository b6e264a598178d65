import { encodePng, resizeImage } from '../../images/index.js';
import { readPhoto } from '../photo.js';
import { escaped } from './html.js';

/** Pictures per gallery. */
export const MOST = 12;

const SIDE = 132;

/** A photograph for the report, and what is written under it. */
export interface Exhibit {
  readonly path: string;
  readonly caption: string;
}

/** Small pictures with captions, as part of the page. */
export async function gallery(exhibits: readonly Exhibit[]): Promise<string> {
  const figures: string[] = [];
  for (const { path, caption } of exhibits) {
    const image = await thumbnail(path);
    const name = escaped(path.split(/[\\/]/).slice(-2).join('/'));
    figures.push(
      `<figure><img src="${image}" alt="${name}" title="${escaped(path)}"><figcaption>${caption}<small>${name}</small></figcaption></figure>`,
    );
  }
  return `<div class="gallery">${figures.join('')}</div>`;
}

async function thumbnail(path: string): Promise<string> {
  const picture = await readPhoto(path);
  const ratio = SIDE / Math.max(picture.width, picture.height);
  const [width, height] = [picture.width, picture.height].map((side) =>
    Math.max(1, Math.round(side * Math.min(1, ratio))),
  );
  const bytes = await encodePng(await resizeImage(picture, { width, height, filter: 'bilinear' }));
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return `data:image/png;base64,${btoa(text)}`;
}

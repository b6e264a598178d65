import { type Photo, readPhoto } from '../../classifier/photo.js';
import { resizeImage } from '../../images/index.js';
import type { SearchResult } from '../indexOptions.js';

/** A result with its pictures: those that can't be read have none. */
export interface Shown {
  readonly title: string;
  readonly items: readonly { readonly id: string; readonly caption: string; readonly tile: Uint8Array | null }[];
}

/** Pixels of the pictures of results. */
export const SIDE = 128;

/** The photograph itself and the tiers that found something, each with small square pictures. */
export async function shownTiers(photo: Photo, result: SearchResult): Promise<Shown[]> {
  const tier = async (
    title: string,
    list: readonly { id: string; metadata: object; caption: string }[],
  ): Promise<Shown[]> => {
    const items: Shown['items'][number][] = [];
    for (const { id, metadata, caption } of list) {
      const { path } = metadata as { path?: unknown };
      items.push({ id, caption, tile: await tileOf(typeof path === 'string' ? path : id) });
    }
    return items.length === 0 ? [] : [{ title, items }];
  };
  const similarity = (value: number | undefined): string => (value === undefined ? '' : value.toFixed(3));
  return [
    {
      title: 'Search',
      items: [{ id: typeof photo === 'string' ? photo : '', caption: '', tile: await tileOf(photo) }],
    },
    ...(await tier(
      'Identical pixels',
      result.identical.map((match) => ({ ...match, caption: '' })),
    )),
    ...(await tier(
      'Near-duplicates',
      result.nearDuplicates.map((match) => ({
        ...match,
        caption: `${match.distance} of 256 bits${match.turn === 'original' ? '' : `, ${match.turn}`}`,
      })),
    )),
    ...(await tier(
      'Similar',
      result.similar.map((match) => ({ ...match, caption: similarity(match.similarity) })),
    )),
  ];
}

async function tileOf(photo: Photo): Promise<Uint8Array | null> {
  try {
    const { data } = await resizeImage(await readPhoto(photo), { width: SIDE, height: SIDE, mode: 'crop' });
    return data;
  } catch {
    return null;
  }
}

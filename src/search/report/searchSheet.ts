import type { Photo } from '../../classifier/photo.js';
import { contactSheet } from '../../images/draw/contactSheet.js';
import { encodePng } from '../../images/index.js';
import type { SearchResult } from '../indexOptions.js';
import { SIDE, shownTiers } from './thumbnails.js';

/** Pictures side by side. */
const COLUMNS = 6;

/**
 * The result of a search as a contact sheet, a PNG file: the photograph, and below it what was found, tier by tier. Pictures are read from `metadata.path`, or
 * from the id where there is none.
 *
 * @example
 * await writeFile('found.png', await searchSheet('query.jpg', await index.search('query.jpg')));
 */
export async function searchSheet(photo: Photo, result: SearchResult): Promise<Uint8Array> {
  const tiers = await shownTiers(photo, result);
  const missing = new Uint8Array(3 * SIDE * SIDE).fill(200);
  const rows = tiers.map(({ title, items }) => ({ title, tiles: items.map(({ tile }) => tile ?? missing) }));
  return encodePng(contactSheet(rows, SIDE, COLUMNS));
}

import type { Photo } from '../../classifier/photo.js';
import { escaped } from '../../classifier/report/html.js';
import { encodePng } from '../../images/index.js';
import type { SearchResult } from '../indexOptions.js';
import { type Shown, SIDE, shownTiers } from './thumbnails.js';

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:1rem}
li{width:${SIDE}px;font-size:.8rem;overflow-wrap:anywhere}img,.missing{width:${SIDE}px;height:${SIDE}px;border-radius:4px;display:block}
.missing{background:#ddd}small{color:#595959;display:block}`;

/**
 * The result of a search as one HTML page that needs no other file and no network.
 *
 * @example
 * await writeFile('found.html', await searchPage('query.jpg', await index.search('query.jpg')));
 */
export async function searchPage(photo: Photo, result: SearchResult): Promise<string> {
  const tiers = await shownTiers(photo, result);
  const found = result.identical.length + result.nearDuplicates.length + result.similar.length;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Search by photograph</title><style>${STYLE}</style></head><body><main>
<h1>Search by photograph: ${found === 0 ? 'nothing was found' : `${found} found`}</h1>
${tiers.map(sectionOf).join('\n')}
</main></body></html>
`;
}

function sectionOf({ title, items }: Shown): string {
  const list = items.map(({ id, caption, tile }) => {
    const name = escaped(id.split(/[\\/]/).at(-1) ?? id);
    const picture =
      tile === null
        ? '<span class="missing"></span>'
        : `<img src="${dataUri(tile)}" alt="${name === '' ? 'the photograph' : name}" title="${escaped(id)}">`;
    return `<li>${picture}${name}<small>${escaped(caption)}</small></li>`;
  });
  return `<h2>${escaped(title)}</h2><ul>${list.join('')}</ul>`;
}

function dataUri(tile: Uint8Array): string {
  const bytes = encodePng({ width: SIDE, height: SIDE, data: tile });
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return `data:image/png;base64,${btoa(text)}`;
}

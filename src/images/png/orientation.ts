import { unzlibSync } from 'fflate';
import { exifOrientation, xmpOrientation } from '../exif.js';
import type { Chunk } from './chunks.js';

const latin1 = new TextDecoder('latin1');
/** ImageMagick writes EXIF as text: a name, a length, and hexadecimal digits in lines. */
const RAW_PROFILE = 'Raw profile type exif';
const XMP = 'XML:com.adobe.xmp';

/** The EXIF orientation of a PNG file: of the chunk eXIf, of ImageMagick's text, or of XMP; 1 where there is none. */
export function pngOrientation(chunks: readonly Chunk[]): number {
  const exif = chunks.find(({ type }) => type === 'eXIf');
  if (exif !== undefined) return orElse(exifOrientation(exif.data), () => fromText(chunks, XMP, xmpOrientation));
  return orElse(fromText(chunks, RAW_PROFILE, ofDigits), () => fromText(chunks, XMP, xmpOrientation));
}

function orElse(orientation: number, other: () => number): number {
  return orientation === 1 ? other() : orientation;
}

function ofDigits(text: string): number {
  const digits =
    text
      .split('\n')
      .slice(3)
      .join('')
      .match(/[0-9a-f]{2}/gi) ?? [];
  return exifOrientation(Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16)));
}

function fromText(chunks: readonly Chunk[], keyword: string, read: (text: string) => number): number {
  for (const chunk of chunks) {
    const text = ['tEXt', 'zTXt', 'iTXt'].includes(chunk.type) ? textOf(chunk, keyword) : undefined;
    if (text !== undefined) return read(text);
  }
  return 1;
}

/** The text of a chunk with the keyword; undefined for other chunks, and for text that cannot be read. */
function textOf({ type, data }: Chunk, keyword: string): string | undefined {
  if (latin1.decode(data.subarray(0, keyword.length + 1)) !== `${keyword}\0`) return undefined;
  const rest = data.subarray(keyword.length + 1);
  if (type === 'tEXt') return latin1.decode(rest);
  if (type === 'zTXt') return unpacked(rest.subarray(1));
  // A flag for packed text and its method come first, then language and translated keyword, each with a zero at its end.
  const language = rest.indexOf(0, 2);
  const translated = language < 0 ? -1 : rest.indexOf(0, language + 1);
  if (translated < 0) return undefined;
  const text = rest.subarray(translated + 1);
  return rest[0] === 0 ? latin1.decode(text) : unpacked(text);
}

function unpacked(packed: Uint8Array): string | undefined {
  try {
    // Orientation stands in the first of what can be megabytes.
    return latin1.decode(unzlibSync(packed, { out: new Uint8Array(1 << 20) }));
  } catch {
    return undefined;
  }
}

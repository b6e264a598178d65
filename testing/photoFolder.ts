import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { encodePng } from '../src/images/index.js';

/** A picture of `width` x `height` whose pixels a hash of its number draws, with a soft gradient below, as PNG. */
export async function drawnPhoto(number: number, width: number, height: number): Promise<Uint8Array> {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const noise = Math.imul(i + 1 + 7919 * number, 2654435761) >>> 27;
    data[i] = (((i % 3) + 1) * 40 * ((i / data.length + number / 9) % 1) + noise) & 255;
  }
  return encodePng({ width, height, data });
}

/** Fills a temporary folder, which is removed by `remove`: pictures for paths alone, and content where there is one. */
export async function photoFolder(
  files: readonly string[],
  contents: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<{ dir: string; remove(): void }> {
  const dir = mkdtempSync(join(tmpdir(), 'stridenet-photos-'));
  for (const [number, file] of files.entries()) {
    const photo = await drawnPhoto(number, 20 + ((7 * number) % 23), 16 + ((5 * number) % 19));
    write(join(dir, file), photo);
  }
  for (const [file, content] of Object.entries(contents)) write(join(dir, file), content);
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

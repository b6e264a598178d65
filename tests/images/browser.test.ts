import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { chromium, visit } from '../../testing/chromium.js';
import { imageDecoders } from '../../tools/imageDecoders.js';

/** Decodes the files that Pillow drew, and resizes the pictures of the golden cases; reports what differs. */
const program = `
import { decodeImage, resizeImage } from '../../src/images/index.js';
const hex = async (bytes) => [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((b) => b.toString(16).padStart(2, '0')).join('').slice(0, 16);
async function main() {
  const files = await (await fetch('/files.json')).json();
  const cases = await (await fetch('/resize.json')).json();
  const wrong = [];
  for (const [name, { file, pixels }] of Object.entries(files)) {
    const bytes = Uint8Array.from(atob(file), (c) => c.charCodeAt(0));
    if (await hex((await decodeImage(bytes)).data) !== pixels[0]) wrong.push(name);
  }
  for (const [channels, w, h, width, height, filter, seed, digest, box] of cases) {
    let state = seed;
    const data = Uint8Array.from({ length: w * h * channels }, () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >> 16) & 255;
    });
    const resized = await resizeImage({ width: w, height: h, channels, data }, { width, height, filter, box });
    if (await hex(resized.data) !== digest) wrong.push([w, h, width, height, filter].join());
  }
  return { files: Object.keys(files).length, cases: cases.length, wrong };
}
main().then((result) => result, (error) => String(error.stack)).then((result) =>
  fetch('/result', { method: 'POST', body: JSON.stringify(result) }));
`;

/** With the decoders inside, as `npm run build` puts them into the package. */
async function bundle(): Promise<string> {
  const { outputFiles, warnings } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    plugins: [imageDecoders],
    logLevel: 'silent',
  });
  expect(warnings).toEqual([]);
  return outputFiles[0].text;
}

describe('stridenet/images in a browser', () => {
  test.skipIf(chromium === undefined)(
    'decodes and resizes to the bits of Pillow, without the network',
    async () => {
      // STRIDENET_RESIZE_CASES: as in resizeGolden.test.ts.
      const resize = process.env.STRIDENET_RESIZE_CASES ?? new URL('../golden/resize.json', import.meta.url);
      const json = (content: string | Uint8Array) => ({ type: 'application/json', content });
      const result = await visit(await bundle(), {
        files: {
          '/': { type: 'text/html', content: '<!doctype html><script type="module" src="/script.js"></script>' },
          '/files.json': json(readFileSync(new URL('../golden/imageFiles.json', import.meta.url))),
          '/resize.json': json(readFileSync(resize)),
        },
      });
      expect(result).toMatchObject({ wrong: [] });
      const { files, cases } = result as { files: number; cases: number };
      expect(files).toBeGreaterThan(60);
      expect(cases).toBeGreaterThanOrEqual(400);
    },
    240_000,
  );
});

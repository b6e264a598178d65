import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';

/* Writes the licences of the packages whose code is part of the bundle. */

const require = createRequire(import.meta.url);

/** Small packages that go into the bundle, by the file that is used of them: loading CommonJS from node_modules would take longer than all of their code. */
export const bundled = {
  ndarray: 'ndarray/ndarray.js',
  'iota-array': 'iota-array/iota.js',
  'is-buffer': 'is-buffer/index.js',
  seedrandom: 'seedrandom/lib/alea.js',
  fflate: 'fflate/package.json',
  '@cornerstonejs/codec-libjpeg-turbo-8bit': './licences/libjpeg-turbo.txt',
  '@jsquash/webp': './licences/libwebp.txt',
} as const;

/** The licence file beside a package's file, else the comment at its head; or a text of this folder, for packages that do not name all whose work they hold. */
export function licenceOf(file: string): string {
  const path = require.resolve(file);
  if (path.endsWith('.txt')) return readFileSync(path, 'utf8').trim();
  const licence = readdirSync(dirname(path)).find((name) => /^licen[cs]e/i.test(name));
  return licence === undefined ? headOf(path) : readFileSync(resolve(dirname(path), licence), 'utf8').trim();
}

function headOf(path: string): string {
  const comment = /^(?:\/\/.*\n|\n)+/.exec(readFileSync(path, 'utf8'))?.[0] ?? '';
  if (!/copyright|©|\(c\)/i.test(comment)) throw new Error(`bundledLicences: ${path} has no licence at its head.`);
  return comment.trim().replace(/^\/\/ ?/gm, '');
}

export function writeBundledLicences(file: string): void {
  const parts = Object.entries(bundled).map(
    ([name, used]) => `${name}\n${'-'.repeat(name.length)}\n${licenceOf(used)}\n`,
  );
  writeFileSync(file, `The code of these packages is part of the files beside this one.\n\n${parts.join('\n\n')}`);
}

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';

/* Writes the licenses of the packages whose code is part of the bundle. */

const require = createRequire(import.meta.url);

/** Small packages that go into the bundle, by the file that is used of them: loading CommonJS from node_modules would take longer than all of their code. */
export const bundled = {
  ndarray: 'ndarray/ndarray.js',
  'iota-array': 'iota-array/iota.js',
  'is-buffer': 'is-buffer/index.js',
  seedrandom: 'seedrandom/lib/alea.js',
  fflate: 'fflate/package.json',
  '@cornerstonejs/codec-libjpeg-turbo-8bit': './licenses/libjpeg-turbo.txt',
  '@jsquash/webp': './licenses/libwebp.txt',
} as const;

/** The license file beside a package's file, else the comment at its head; or a text of this folder, for packages that do not name all whose work they hold. */
export function licenseOf(file: string): string {
  const path = require.resolve(file);
  if (path.endsWith('.txt')) return readFileSync(path, 'utf8').trim();
  const license = readdirSync(dirname(path)).find((name) => /^licen[cs]e/i.test(name));
  return license === undefined ? headOf(path) : readFileSync(resolve(dirname(path), license), 'utf8').trim();
}

function headOf(path: string): string {
  const comment = /^(?:\/\/.*\n|\n)+/.exec(readFileSync(path, 'utf8'))?.[0] ?? '';
  if (!/copyright|©|\(c\)/i.test(comment)) throw new Error(`bundledLicenses: ${path} has no license at its head.`);
  return comment.trim().replace(/^\/\/ ?/gm, '');
}

export function writeBundledLicenses(file: string): void {
  const parts = Object.entries(bundled).map(
    ([name, used]) => `${name}\n${'-'.repeat(name.length)}\n${licenseOf(used)}\n`,
  );
  writeFileSync(file, `The code of these packages is part of the files beside this one.\n\n${parts.join('\n\n')}`);
}

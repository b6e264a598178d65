import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

let built: URL | undefined;

/**
 * The program of the threads that decode photographs. In the package it lies beside the file that this became a part of. Run from the sources,
 * it is bundled first: a thread that loads TypeScript by itself waits for the main thread, which may be waiting for that thread.
 */
export function programUrl(): URL {
  if (!import.meta.url.endsWith('.ts')) return new URL('./photoProgram.js', import.meta.url);
  built ??= bundle(fileURLToPath(new URL('./photoProgram.ts', import.meta.url)));
  return built;
}

interface Bundler {
  buildSync(options: object): { outputFiles: { contents: Uint8Array }[] };
}

function bundle(entry: string): URL {
  const require = createRequire(import.meta.url);
  const { buildSync } = require('esbuild') as Bundler;
  const options = {
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'es2022',
    packages: 'external',
  };
  const { contents } = buildSync({ ...options, entryPoints: [entry] }).outputFiles[0];
  // Beside the packages that the program imports.
  const folder = join(dirname(require.resolve('esbuild/package.json')), '..', '.cache', 'stridenet');
  const file = join(folder, `photoProgram-${createHash('sha256').update(contents).digest('hex').slice(0, 16)}.mjs`);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, contents);
    renameSync(`${file}.${process.pid}`, file);
  }
  return pathToFileURL(file);
}

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundled, licenseOf } from './bundledLicenses.js';

// npm run data-worker: writes src/data/workers/source.ts, the program of the threads that prepare batches, as text. So it travels
// inside every bundle, and neither Node nor a page has to find a file.

const root = resolve(import.meta.dirname, '..');
const file = resolve(root, 'src/data/workers/source.ts');

/** What source.ts should hold. */
export async function dataWorkerSource(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [resolve(root, 'src/data/workers/program.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    // It is part of every page with a loader. Short lines: an error that a worker reports prints the line that it came from.
    minify: true,
    lineLimit: 160,
    // In the program itself, where no bundler takes it out again.
    banner: {
      js: `/* The random numbers are drawn by a generator of another work:\n${licenseOf(bundled.seedrandom).replace(/^/gm, ' * ').replace(/ +$/gm, '')}\n*/`,
    },
  });
  const program = outputFiles[0].text.trim().replace(/[\\`]|\$\{/g, '\\$&');
  return `// Made by \`npm run data-worker\` from program.ts. A test says when that is due.
export const workerSource = \`${program}\`;
`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(file, await dataWorkerSource());

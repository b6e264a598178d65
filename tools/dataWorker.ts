import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

// npm run data-worker: writes src/data/workers/source.ts, the program of the threads that prepare batches, as text. So it travels
// inside every bundle, and neither Node nor a page has to find a file.

const root = resolve(import.meta.dirname, '..');
const file = resolve(root, 'src/data/workers/source.ts');

/** Of the package seedrandom, the one generator that is used. */
const aleaOnly: Plugin = {
  name: 'alea',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^seedrandom$/ }, () => ({ path: 'seedrandom', namespace: 'alea' }));
    const contents = "module.exports = { alea: require('seedrandom/lib/alea.js') };";
    onLoad({ filter: /.*/, namespace: 'alea' }, () => ({ contents, resolveDir: root }));
  },
};

/** What source.ts should hold. */
export async function dataWorkerSource(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [resolve(root, 'src/data/workers/program.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [aleaOnly],
    // In the program itself, where no bundler takes it out again.
    banner: { js: `/* The random numbers are drawn by a generator of another work:\n${aleaLicence()}\n*/` },
  });
  const program = outputFiles[0].text.trim().replace(/[\\`]|\$\{/g, '\\$&');
  return `// Made by \`npm run data-worker\` from program.ts. A test says when that is due.
export const workerSource = \`${program}\`;
`;
}

/** The comment above the generator, which must go with it. */
function aleaLicence(): string {
  const text = readFileSync(createRequire(import.meta.url).resolve('seedrandom/lib/alea.js'), 'utf8');
  const comment = /^(?:\/\/.*\n|\n)+/.exec(text)?.[0] ?? '';
  return comment
    .trim()
    .replace(/^\/\/ ?/gm, '')
    .replace(/^/gm, ' * ')
    .replace(/ +$/gm, '');
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync(file, await dataWorkerSource());

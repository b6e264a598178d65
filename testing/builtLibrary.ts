import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import packageJson from '../package.json' with { type: 'json' };
import { bundled } from '../tools/bundledLicenses.js';
import { builtFiles } from '../tools/entries.js';
import { imageDecoders } from '../tools/imageDecoders.js';
import { writeReportCharts } from '../tools/reportCharts.js';

const root = resolve(import.meta.dirname, '..');
const cache = join(root, '.cache/built');

let built: Promise<string> | undefined;

/**
 * A folder with the library and its command as JavaScript, laid out as in the package: dist/cli.js, dist/index.js, ... Programs in it may import
 * 'stridenet'. Running this takes a tenth of the time of running the sources, which would be translated anew in each process. It is built once
 * for each state of the sources, whichever process comes first.
 */
export function builtLibrary(): Promise<string> {
  built ??= library();
  return built;
}

/** A TypeScript program that imports 'stridenet', translated, in a folder where that leads to the library built from the sources. */
export async function builtProgram(file: string, name = basename(file, '.ts')): Promise<string> {
  const folder = mkdtempSync(join(await builtLibrary(), `${name}-`));
  const outfile = join(folder, `${name}.js`);
  await build({ ...options, entryPoints: [file], outfile });
  return outfile;
}

const options = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'es2022',
  packages: 'external',
  logLevel: 'error',
} as const;

async function library(): Promise<string> {
  const folder = join(cache, stateOfSources());
  if (existsSync(folder)) return folder;
  dropOld();
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, 'making-'));
  for (const name of ['package.json', 'weights']) symlinkSync(join(root, name), join(made, name));
  const dist = join(made, 'dist');
  await build({
    ...options,
    ...{ entryPoints: { ...builtFiles }, outdir: dist, splitting: true, plugins: [imageDecoders] },
    // The package bundles some packages, too.
    ...{ packages: 'bundle', external: installed() },
  });
  await writeReportCharts(root, dist);
  try {
    renameSync(made, folder);
  } catch (error) {
    // Another process was first.
    rmSync(made, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** The packages that stay imports. */
function installed(): string[] {
  const { dependencies, devDependencies, peerDependencies } = packageJson;
  const names = Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
  return names.filter((name) => !(name in bundled)).flatMap((name) => [name, `${name}/*`]);
}

/** Changes whenever a source, a tool or a dependency does. */
function stateOfSources(): string {
  const hash = createHash('sha256');
  for (const folder of ['src', 'cli', 'tools', 'testing']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort()) {
      const { size, mtimeMs } = statSync(join(root, folder, name));
      hash.update(`${folder}/${name} ${size} ${mtimeMs}\n`);
    }
  }
  hash.update(String(statSync(join(root, 'package-lock.json')).mtimeMs));
  return hash.digest('hex').slice(0, 16);
}

/** Those of an hour ago: younger ones may be in use. */
function dropOld(): void {
  if (!existsSync(cache)) return;
  for (const name of readdirSync(cache)) {
    const folder = join(cache, name);
    if (Date.now() - statSync(folder).mtimeMs > 3_600_000) rmSync(folder, { recursive: true, force: true });
  }
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';

/* Writes the types of the package: the compiler declares every source file once, and rollup joins these files, one for each entry and for what entries share. */

/** Writes `NAME.d.ts` into `folder` for each entry of the repository at `root`. What is marked @internal is no part of them. */
export async function writeDeclarations(
  root: string,
  entries: Readonly<Record<string, string>>,
  folder: string,
): Promise<void> {
  const source = resolve(root);
  mkdirSync(join(source, '.cache'), { recursive: true });
  // Inside the reach of node_modules, so that the types of packages are found.
  const declared = mkdtempSync(join(source, '.cache/types-'));
  try {
    declare(source, declared, entries);
    const bundle = await rollup({
      input: Object.fromEntries(
        Object.entries(entries).map(([name, file]) => [name, join(declared, file.replace(/\.ts$/, '.d.ts'))]),
      ),
      external: (name) => !/^[./]/.test(name),
      plugins: [dts()],
    });
    await bundle.write({
      dir: folder,
      entryFileNames: '[name].d.ts',
      chunkFileNames: '[name]-[hash].d.ts',
      // `using` needs a library that programs for older targets don't have.
      banner: '/// <reference lib="esnext.disposable" />',
    });
  } finally {
    rmSync(declared, { recursive: true });
  }
}

/** One .d.ts for each source file that the entries reach. */
function declare(root: string, folder: string, entries: Readonly<Record<string, string>>): void {
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    stripInternal: true,
    rootDir: root,
    outDir: folder,
  };
  const files = Object.values(entries).map((source) => join(root, source));
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions,
      files,
      include: [join(root, 'src/**/*.d.ts')],
    }),
  );
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' });
}

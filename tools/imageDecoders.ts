import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { Plugin } from 'esbuild';
import { wasmFiles } from '../src/images/wasm/wasmBytes.js';

/* Puts the WebAssembly decoders of images into the bundle, each in a file of its own that is loaded when it is needed: nothing is fetched, in no environment. */

const require = createRequire(import.meta.url);

/** A page or a bundler must not look for files that the bundle holds; nor may a program in Node ask for the modules of CommonJS. */
const replacements: [what: RegExp, by: string][] = [
  [/new URL\("[a-z_]+\.wasm",\s*import\.meta\.url\)\.href/g, '""'],
  [/ENVIRONMENT_IS_NODE\s*=\s*typeof process[^;]*;/g, 'ENVIRONMENT_IS_NODE=false;'],
  // Node's own branch is dead then; without it, no bundler stumbles over require().
  [/var fs=require\("fs"\);var nodePath=require\("path"\);scriptDirectory=__dirname\+"\/";/g, ''],
];

/** The module that `wasmBytes` becomes: one import for each decoder. */
function loader(): string {
  const cases = Object.keys(wasmFiles).map((name) => `  ${name}: () => import('wasm-bytes:${name}'),`);
  return `const programs = {\n${cases.join('\n')}\n};
export async function wasmBytes(name) {
  return (await programs[name]()).bytes;
}\n`;
}

/** Bytes as a module, deflated: a third of their size. Lines of a length that can be shown. */
function bytesModule(file: string): string {
  const lines =
    deflateRawSync(readFileSync(require.resolve(file)), { level: 9 })
      .toString('base64')
      .match(/.{1,120}/g) ?? [];
  return `import { inflateSync } from 'fflate';
const lines = [\n${lines.map((line) => `'${line}',`).join('\n')}\n];
export const bytes = inflateSync(Uint8Array.from(atob(lines.join('')), (character) => character.charCodeAt(0)));\n`;
}

/** For esbuild and tsup. */
export const imageDecoders: Plugin = {
  name: 'image-decoders',
  setup(build) {
    build.onLoad({ filter: /[\\/]images[\\/]wasm[\\/]wasmBytes\.ts$/ }, () => ({ contents: loader(), loader: 'js' }));
    // The build for browsers runs everywhere; the one for Node asks for threads, which bundlers for pages refuse.
    build.onResolve({ filter: /^fflate$/ }, () => ({
      path: join(dirname(require.resolve('fflate/package.json')), 'esm/browser.js'),
    }));
    build.onResolve({ filter: /^wasm-bytes:/ }, ({ path }) => ({
      path: path.slice('wasm-bytes:'.length),
      namespace: 'wasm-bytes',
    }));
    build.onLoad({ filter: /.*/, namespace: 'wasm-bytes' }, ({ path }) => ({
      contents: bytesModule(wasmFiles[path as keyof typeof wasmFiles]),
      loader: 'js',
      resolveDir: import.meta.dirname,
    }));
    build.onLoad({ filter: /(webp_dec|libjpegturbowasm_decode)\.js$/ }, ({ path }) => {
      const contents = replacements.reduce((text, [what, by]) => text.replace(what, by), readFileSync(path, 'utf8'));
      return { contents, loader: 'js' };
    });
  },
};

import { nodeModule } from '../../base/nodeModule.js';

/** The WebAssembly files of decoders, by the packages that hold them. */
export const wasmFiles = {
  jpeg: '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasm',
  webp: '@jsquash/webp/codec/dec/webp_dec.wasm',
} as const;

interface Files {
  readFileSync(path: string): Uint8Array;
}

interface Modules {
  createRequire(url: string): { resolve(name: string): string };
}

/** The bytes of a decoder. `npm run build` puts them into the package in place of this function, so that no file is looked for and none is fetched. */
export async function wasmBytes(name: keyof typeof wasmFiles): Promise<Uint8Array> {
  const files = nodeModule<Files>('node:fs') as Files;
  const modules = nodeModule<Modules>('node:module') as Modules;
  return files.readFileSync(modules.createRequire(import.meta.url).resolve(wasmFiles[name]));
}

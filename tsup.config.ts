import { defineConfig } from 'tsup';
import { bundled, writeBundledLicences } from './tools/bundledLicences.js';
import { kernelsDigest, writeKernels } from './tools/kernelsModule.js';

const digest = kernelsDigest();

export default defineConfig({
  entry: { index: 'src/index.ts', node: 'src/node/index.ts', onnx: 'src/onnx/index.ts', tfjs: 'src/tfjs/index.ts' },
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  sourcemap: true,
  clean: true,
  treeshake: true,
  // All entries stand on one copy of the classes, in CommonJS too: an error of stridenet/node is a StridenetError of stridenet.
  splitting: true,
  // They load faster as part of it, and a page can import the core entry without a bundler.
  noExternal: Object.keys(bundled),
  // The library knows the kernels.wasm that was built with it.
  define: { STRIDENET_KERNELS: JSON.stringify(digest) },
  onSuccess: async () => {
    writeBundledLicences('dist/bundled-licences.txt');
    writeKernels('dist', digest);
  },
  // Less to read and parse at start. Names stay as they are, and the source maps lead to the sources.
  esbuildOptions: (options) => {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
  },
});

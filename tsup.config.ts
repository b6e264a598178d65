import { defineConfig } from 'tsup';
import { bundled, writeBundledLicenses } from './tools/bundledLicenses.js';
import { writeDeclarations } from './tools/declarations.js';
import { builtFiles, libraryEntries } from './tools/entries.js';
import { imageDecoders } from './tools/imageDecoders.js';
import { kernelsDigest, writeKernels } from './tools/kernelsModule.js';
import { writeReportCharts } from './tools/reportCharts.js';
import { wrapExports } from './tools/wrapExports.js';

const digest = kernelsDigest();

export default defineConfig({
  entry: { ...builtFiles },
  // CommonJS gets the same files by require(): a second format would be a second copy, with a heap and classes of its own.
  format: ['esm'],
  target: 'es2022',
  // The bundles are plain readable JavaScript. Maps would need the sources, and both together are larger than everything else.
  sourcemap: false,
  clean: true,
  treeshake: true,
  // All entries stand on one copy of the classes: an error of stridenet/node is a StridenetError of stridenet.
  splitting: true,
  // They load faster as part of it, and a page can import the core entry without a bundler.
  noExternal: Object.keys(bundled),
  esbuildPlugins: [imageDecoders],
  // The library knows the kernels.wasm that was built with it.
  define: { STRIDENET_KERNELS: JSON.stringify(digest) },
  onSuccess: async () => {
    await writeDeclarations('.', libraryEntries, 'dist');
    wrapExports('dist');
    writeBundledLicenses('dist/bundled-licenses.txt');
    await writeReportCharts('.', 'dist');
    writeKernels('dist', digest);
  },
});

import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', node: 'src/node/index.ts' },
  format: ['esm', 'cjs'],
  target: 'es2022',
  dts: true,
  sourcemap: true,
  clean: true,
  treeshake: true,
  // Both entries stand on one copy of the classes, in CommonJS too: an error of stridenet/node is a StridenetError of stridenet.
  splitting: true,
});

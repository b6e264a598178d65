/** The parts of the library by the name of their entry: stridenet/NAME is src/NAME/index.ts. */
const parts = [
  'tensor',
  'graph',
  'layers',
  'models',
  'optim',
  'data',
  'metrics',
  'train',
  'recipes',
  'images',
  'classifier',
  'search',
  'io',
  'debug',
  'node',
  'onnx',
  'tfjs',
  'study',
  'nas',
  'describe',
  'moderation',
  'organize',
  'watch',
  'edge',
];

/** What the package is built from: each file of dist by the name of its source. */
export const libraryEntries: Readonly<Record<string, string>> = {
  index: 'src/index.ts',
  transforms: 'src/data/transforms/index.ts',
  'study/bullmq': 'src/study/bullmq/index.ts',
  // The program of the threads that decode photographs: no entry of the package, but a file of its own.
  photoProgram: 'src/node/photos/photoProgram.ts',
  ...Object.fromEntries(parts.map((part) => [part, `src/${part}/index.ts`])),
};

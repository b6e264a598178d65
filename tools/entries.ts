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
  'explain',
  'moderation',
  'organize',
  'watch',
  'edge',
];

/** The entries of the package: each file of dist by the name of its source. */
export const libraryEntries: Readonly<Record<string, string>> = {
  index: 'src/index.ts',
  transforms: 'src/data/transforms/index.ts',
  'study/bullmq': 'src/study/bullmq/index.ts',
  ...Object.fromEntries(parts.map((part) => [part, `src/${part}/index.ts`])),
};

/** All files of dist: the entries, the command, and the program of the threads that decode photographs. */
export const builtFiles: Readonly<Record<string, string>> = {
  ...libraryEntries,
  cli: 'cli/index.ts',
  photoProgram: 'src/node/photos/photoProgram.ts',
};

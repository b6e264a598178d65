// Every public name that does not need Node, as one namespace, for tests that go through them all.
export * from '../src/data/index.js';
export * from '../src/data/transforms/index.js';
export * from '../src/debug/index.js';
export * from '../src/graph/index.js';
export * from '../src/index.js';
export * from '../src/io/index.js';
export * from '../src/layers/index.js';
export * from '../src/metrics/index.js';
export * from '../src/models/index.js';
export * from '../src/optim/index.js';
export * from '../src/recipes/index.js';
export * from '../src/tensor/index.js';
export * from '../src/train/index.js';

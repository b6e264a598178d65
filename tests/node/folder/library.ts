// What the programs of the tests use.
export { DataLoader } from '../../../src/index.js';
export { imageFolder } from '../../../src/node/index.js';

// The public names of stridenet/tfjs: models of TensorFlow.js. A part of its own, so that the core does not carry it.
export { type ImportTfjsGraphOptions, importTfjsGraphModel } from './importTfjsGraphModel.js';
export { type ImportTfjsOptions, importTfjsLayersModel } from './importTfjsLayersModel.js';
export { importTfjsModel } from './importTfjsModel.js';
export { TfjsGraphModel } from './tfjsGraphModel.js';
export { TfjsModel } from './tfjsModel.js';
export type { TfjsShards } from './weights.js';

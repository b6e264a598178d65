// The public names of stridenet/io: files of weights, as bytes in memory.

export type { PickleObject, PickleValue } from './pickleValues.js';
export {
  readSafetensors,
  readSafetensorsMetadata,
  type WriteSafetensorsOptions,
  writeSafetensors,
} from './safetensors.js';
export { type CheckpointOptions, stateDictFromCheckpoint } from './stateDictFromCheckpoint.js';
export { readTorchCheckpoint } from './torchCheckpoint.js';
export { TorchTensor } from './torchStorage.js';

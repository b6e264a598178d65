export type { FolderSplit } from './folder/folderSplits.js';
export { ImageFolder, type ImageFolderOptions, imageFolder } from './folder/imageFolder.js';
export { IMAGE_EXTENSIONS } from './folder/scanFolder.js';
export type { OnError, SkippedFile } from './folder/skippedFiles.js';
export type { PhotoAugmentationOptions, PhotoOptions } from './photos/preparationOptions.js';

import { workerSource } from '../data/workers/source.js';
import { provideThreadProgram } from '../data/workers/threads.js';

export { GroupError } from '../base/errors.js';
export type { LocalSteps } from '../distributed/localSteps.js';
export type { ProcessGroup, ProcessGroupOptions } from '../distributed/processGroup.js';

export { type Checkpoints, type CheckpointsOptions, checkpoints } from './checkpoints.js';
export { type Cifar10Options, type Cifar10Source, cifar10, cifar100 } from './cifar.js';
export { type DownloadOptions, download } from './download.js';
export { type FileJournalOptions, fileJournal } from './fileJournal.js';
export { readBytes, writeFileAtomic } from './files.js';
export { type CreateGroupOptions, createGroup } from './group/createGroup.js';
export { describeFolder } from './inspect/describeFolder.js';
export type { FolderPart, FolderReport, InspectFolderOptions } from './inspect/folderReport.js';
export { inspectFolder } from './inspect/inspectFolder.js';
export type { Spread } from './inspect/spread.js';
export { latestCheckpoint, type SavedCheckpoint } from './latestCheckpoint.js';
export { type FolderLock, type LockFolderOptions, lockFolder } from './lockFolder.js';
export { fashionMnist, type MnistOptions, mnist } from './mnist.js';
export { loadOnnx, type SaveOnnxOptions, saveOnnx } from './onnx.js';
export { type ProgressBarOptions, progressBar, type TerminalStream } from './progressBar.js';
export { readImage } from './readImage.js';
export { type OpenRecordFile, type OpenRecordFileOptions, openRecordFile } from './recordFile.js';
export { type FetchedShards, type FetchShardsOptions, fetchShards } from './shards/fetchShards.js';
export { type ParquetImagesOptions, parquetImages } from './shards/parquetImages.js';
export { type PublishShardsOptions, publishShards } from './shards/publishShards.js';
export type { ShardEntry, ShardIndex } from './shards/shardIndex.js';
export type { ShardLoader, ShardLoaderOptions } from './shards/shardLoader.js';
export { type WebDatasetOptions, webDataset } from './shards/webDataset.js';
export { readTar } from './tar.js';
export { loadTfjsLayersModel, loadTfjsModel } from './tfjs.js';
export type { Environment, SourceVersion } from './tracking/environment.js';
export {
  listRuns,
  type RunContent,
  type RunInfo,
  type RunSession,
  readRun,
  type TrackedEpoch,
  type TrackedStep,
} from './tracking/runFiles.js';
export { type RunTracker, type TrackRunOptions, trackRun } from './tracking/trackRun.js';
export {
  type LoadWeightsIntoOptions,
  loadSafetensorsMetadata,
  loadTorchCheckpoint,
  loadWeights,
  loadWeightsInto,
  type SaveWeightsOptions,
  saveWeights,
} from './weights.js';

// A program that never awaits cannot load it later.
provideThreadProgram(workerSource);

// The public names of stridenet/watch: photographs as they arrive, and frames of a video. For Node.
export { type ClassifyFramesOptions, classifyFrames, type FrameResult } from './frames.js';
export { type LabelEvent, LabelEvents, type LabelEventsOptions } from './labelEvents.js';
export { type Arrival, type WatchFolderOptions, watchFolder } from './watchFolder.js';

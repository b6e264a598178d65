// The public names of stridenet/organize: tags, events, clusters, duplicates and albums of photographs. For Node.
export { ALBUM_KINDS as albumKinds, type Album, type AlbumKind, albumsOf } from './albums.js';
export type { ClusterMethod } from './clusters.js';
export { type Correction, CorrectionHead, type Seen } from './corrections.js';
export type { DuplicateGroup } from './duplicates.js';
export type { PhotoEvent } from './events.js';
export { type Organized, type OrganizedPhoto, type OrganizeOptions, organize } from './organize.js';
export {
  applyPlan,
  type Plan,
  type PlanAlbumsOptions,
  type PlannedFile,
  planAlbums,
  type UndoFile,
  undoPlan,
} from './plan.js';
export type { Tag } from './tags.js';
export type { TimeAndPlace } from './timeAndPlace.js';

// The public names of stridenet/search: hashes and vectors of photographs, and indexes that find them again.
export { Embedder, type EmbedOptions, embed } from './embed.js';
export type { Condition, Metadata, MetadataFilter } from './filter.js';
export { hammingDistance } from './hash/bits.js';
export type { Dihedral } from './hash/dihedral.js';
export { type PdqHash, pdqHash, pdqHashes } from './hash/pdqHash.js';
export { perceptualHash } from './hash/perceptualHash.js';
export { pixelHash } from './hash/pixelHash.js';
export { ImageIndex } from './imageIndex.js';
export { type IndexFolderOptions, type IndexFolderReport, indexFolder } from './indexFolder.js';
export type { ImageIndexOptions, Match, NearMatch, SearchOptions, SearchResult } from './indexOptions.js';
export type { PhotoRecord, RefusedPhoto, VectorRecord } from './indexRecords.js';
export type { NearDuplicateLimits } from './nearDuplicates.js';
export { type FitProjectionOptions, fitProjection, type Projection, project } from './pca.js';
export { searchPage } from './report/searchPage.js';
export { searchSheet } from './report/searchSheet.js';
export type { VectorPrecision } from './vectors/rowFormat.js';

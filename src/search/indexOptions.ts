import type { ImageClassifier } from '../classifier/imageClassifier.js';
import type { Metadata, MetadataFilter } from './filter.js';
import type { Dihedral } from './hash/dihedral.js';
import type { NearDuplicateLimits } from './nearDuplicates.js';
import type { Projection } from './pca.js';
import type { VectorPrecision } from './vectors/rowFormat.js';

/** Options of `ImageIndex.open` and `ImageIndex.fromBytes`. */
export interface ImageIndexOptions {
  /** Whose network makes vectors. Without one, an index has hashes alone: it finds the same pixels and near-duplicates. */
  classifier?: ImageClassifier | undefined;
  /** The layer that vectors come from. Default: what the last layer is given. For new indexes. */
  layer?: string | undefined;
  /** 'int8' takes a quarter of the memory of 'float32', and changes cosines by about 0.001. Default 'int8'. For new indexes. */
  precision?: VectorPrecision | undefined;
  /** Shortens vectors before they are kept: see `fitProjection`. Default: none. For new indexes. */
  projection?: Projection | undefined;
  /** Anything to be kept with a new index and read from `index.info`, such as the path of the model. */
  info?: Readonly<Record<string, unknown>> | undefined;
  /** Only reads: others may write meanwhile. Default false. */
  readOnly?: boolean | undefined;
  /** Drops damaged records in the middle of a file instead of throwing. Default false. */
  repair?: boolean | undefined;
}

export const INDEX_OPTIONS: readonly string[] = [
  'classifier',
  'layer',
  'precision',
  'projection',
  'info',
  'readOnly',
  'repair',
];

/** Options of `index.search` and `index.searchVector`. */
export interface SearchOptions {
  /** Similar photographs at most. Default 10. */
  top?: number | undefined;
  /** Which photographs count. Default: all. */
  filter?: MetadataFilter | undefined;
  /** Leaves out photographs that are less similar, -1 to 1. Default -1. */
  minimumSimilarity?: number | undefined;
  /** What two photographs must not exceed to count as near-duplicates. */
  nearDuplicates?: NearDuplicateLimits | undefined;
  /** Compares with all vectors even where there is a graph. Default false. */
  exact?: boolean | undefined;
  /** How closely the graph is searched: nodes that are kept in view. Default 200. */
  effort?: number | undefined;
}

export const SEARCH_OPTIONS: readonly string[] = [
  'top',
  'filter',
  'minimumSimilarity',
  'nearDuplicates',
  'exact',
  'effort',
];

/** A photograph that was found. */
export interface Match {
  /** What it is called. */
  readonly id: string;
  /** What it was added with. */
  readonly metadata: Metadata;
  /** The cosine of the vectors, 1 for the same; absent in an index of hashes alone. */
  readonly similarity?: number | undefined;
}

/** A near-duplicate that was found. */
export interface NearMatch extends Match {
  /** Different bits of PDQ, of 256. */
  readonly distance: number;
  /** How the photograph that was searched for is turned or mirrored compared to this one: 'original' for not at all. */
  readonly turn: Dihedral;
}

/** What a search found, in three tiers. Each photograph is in the first that it belongs to. */
export interface SearchResult {
  /** Photographs of the same pixels. */
  readonly identical: readonly Match[];
  /** Copies: resized, compressed, toned, mirrored, turned, cropped a little, with a border or a caption. The nearest first. */
  readonly nearDuplicates: readonly NearMatch[];
  /** Photographs that show alike things, the most similar first. */
  readonly similar: readonly Match[];
}

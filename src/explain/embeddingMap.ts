import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import { encodePng, type RgbImage, resizeImage } from '../images/index.js';

/** Options of `embeddingMap`. */
export interface EmbeddingMapOptions {
  /** Neighbors of a vector that stay near it: few show details, many the whole. Default 15. */
  neighbors?: number | undefined;
  /** The least distance of points, 0 to 1. Default 0.1. */
  minimumDistance?: number | undefined;
  /** The same seed gives the same map. Default 'map'. */
  seed?: string | undefined;
}

/**
 * Places vectors on a plane so that near ones stay near: UMAP.
 *
 * Shapes: N vectors -> N points [x, y], each coordinate from 0 to 1.
 *
 * Throws `ArgumentError` for fewer than three vectors and options out of range.
 *
 * Source: McInnes, Healy and Melville 2018, "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction"; computed by the package umap-js.
 *
 * @example
 * const points = await embeddingMap(await embed(classifier, photos));
 */
export async function embeddingMap(
  vectors: readonly ArrayLike<number>[],
  options: EmbeddingMapOptions = {},
): Promise<[number, number][]> {
  checkOptions('embeddingMap', options, ['neighbors', 'minimumDistance', 'seed']);
  const { neighbors = 15, minimumDistance = 0.1, seed = 'map' } = options;
  checkWhole('embeddingMap', 'neighbors', neighbors, 2);
  if (!(minimumDistance >= 0 && minimumDistance <= 1)) {
    throw new ArgumentError(`embeddingMap: minimumDistance is ${minimumDistance}, but must lie between 0 and 1.`);
  }
  if (vectors.length < 3) {
    throw new ArgumentError(`embeddingMap: there are ${vectors.length} vectors, but a map needs at least 3.`);
  }
  const { UMAP } = await import('umap-js');
  const random = new RandomStream(seed);
  const umap = new UMAP({
    nNeighbors: Math.min(neighbors, vectors.length - 1),
    minDist: minimumDistance,
    random: () => random.uniform(),
  });
  const points = await umap.fitAsync(vectors.map((vector) => Array.from(vector)));
  const scaled = [0, 1].map((axis) => {
    const values = points.map((point) => point[axis]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return values.map((value) => (most > least ? (value - least) / (most - least) : 0.5));
  });
  return points.map((_, i) => [scaled[0][i], scaled[1][i]]);
}

/** Options of `drawEmbeddingMap`. */
export interface DrawEmbeddingMapOptions {
  /** Pixels of the drawing's sides. Default 1200. */
  size?: number | undefined;
  /** Pixels of each small picture's sides. Default 48. */
  tile?: number | undefined;
}

/**
 * Draws small pictures at the points of a map, as a PNG file. Where two would cover each other, the first is drawn.
 *
 * Throws `ArgumentError` for another number of pictures than of points.
 */
export async function drawEmbeddingMap(
  points: readonly (readonly [number, number])[],
  pictures: readonly RgbImage[],
  options: DrawEmbeddingMapOptions = {},
): Promise<Uint8Array> {
  checkOptions('drawEmbeddingMap', options, ['size', 'tile']);
  const { size = 1200, tile = 48 } = options;
  checkWhole('drawEmbeddingMap', 'size', size, 64);
  checkWhole('drawEmbeddingMap', 'tile', tile, 4);
  if (points.length !== pictures.length) {
    throw new ArgumentError(`drawEmbeddingMap: there are ${points.length} points, but ${pictures.length} pictures.`);
  }
  const out = new Uint8Array(3 * size * size).fill(255);
  const placed: [number, number][] = [];
  for (const [i, [u, v]] of points.entries()) {
    const [left, top] = [u, v].map((at) => Math.round(at * (size - tile)));
    if (placed.some(([x, y]) => Math.abs(x - left) < 0.7 * tile && Math.abs(y - top) < 0.7 * tile)) continue;
    placed.push([left, top]);
    const { data } = await resizeImage(pictures[i], { width: tile, height: tile, mode: 'crop' });
    for (let row = 0; row < tile; row++) {
      out.set(data.subarray(3 * row * tile, 3 * (row + 1) * tile), 3 * ((top + row) * size + left));
    }
  }
  return encodePng({ width: size, height: size, data: out });
}

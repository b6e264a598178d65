import { RandomStream } from '../base/random.js';

/** How photographs are put into clusters of alike ones. */
export type ClusterMethod =
  /** As many clusters as you say; every photograph belongs to one (k-means). */
  | { readonly method: 'k-means'; readonly clusters: number; readonly seed?: number | undefined }
  /** As many as there are; photographs that are like no others belong to none (DBSCAN). */
  | { readonly method: 'density'; readonly distance?: number | undefined; readonly minimum?: number | undefined };

/** Rounds after which k-means ends, if it still moves. */
const ROUNDS = 100;
/** Photographs that make a cluster. */
const MINIMUM = 3;

/** Clusters of vectors of length 1, as lists of numbers, the largest first. The distance of two is 1 minus their cosine. */
export async function clustersOf(vectors: readonly Float32Array[], how: ClusterMethod): Promise<number[][]> {
  const found = how.method === 'k-means' ? kMeans(vectors, how.clusters, how.seed ?? 0) : await byDensity(vectors, how);
  return found.filter((cluster) => cluster.length > 0).sort((a, b) => b.length - a.length || a[0] - b[0]);
}

/**
 * Density-based clusters, by the library density-clustering. Without a distance, that to the third neighbor is taken that half of the photographs
 * stay below.
 *
 * Source: Ester et al. 1996, "A density-based algorithm for discovering clusters".
 */
async function byDensity(
  vectors: readonly Float32Array[],
  { distance, minimum = MINIMUM }: Extract<ClusterMethod, { method: 'density' }>,
): Promise<number[][]> {
  if (vectors.length < minimum) return [];
  const { default: clustering } = await import('density-clustering');
  const reach = distance ?? usualReach(vectors);
  return new clustering.DBSCAN()
    .run(vectors, reach, minimum, cosineDistance)
    .map((cluster) => cluster.sort((a, b) => a - b));
}

function usualReach(vectors: readonly Float32Array[]): number {
  const thirds = vectors.map((a) => {
    const distances = vectors.map((b) => cosineDistance(a, b)).sort((x, y) => x - y);
    return distances[Math.min(MINIMUM, distances.length - 1)];
  });
  return thirds.sort((a, b) => a - b)[thirds.length >> 1];
}

/**
 * k-means on the sphere, with the seeds of k-means++.
 *
 * Source: Arthur and Vassilvitskii 2007, "k-means++: the advantages of careful seeding".
 */
function kMeans(vectors: readonly Float32Array[], count: number, seed: number): number[][] {
  const random = new RandomStream(`${seed}/k-means`);
  const k = Math.min(count, vectors.length);
  const centers: Float32Array[] = [];
  const nearest = new Float64Array(vectors.length).fill(1);
  while (centers.length < k) {
    // The first is any; the next ones lie far from those that there are.
    const total = nearest.reduce((a, b) => a + b, 0);
    let left = random.uniform() * total;
    let chosen = 0;
    while (chosen < vectors.length - 1 && left >= nearest[chosen]) left -= nearest[chosen++];
    centers.push(vectors[chosen]);
    for (const [n, vector] of vectors.entries()) {
      const d = Math.max(0, cosineDistance(vector, vectors[chosen]));
      nearest[n] = centers.length === 1 ? d : Math.min(nearest[n], d);
    }
  }
  let clusters: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const next: number[][] = centers.map(() => []);
    for (const [n, vector] of vectors.entries()) next[nearestOf(centers, vector)].push(n);
    if (JSON.stringify(next) === JSON.stringify(clusters)) break;
    clusters = next;
    for (const [i, cluster] of clusters.entries()) if (cluster.length > 0) centers[i] = meanOf(vectors, cluster);
  }
  return clusters;
}

function nearestOf(centers: readonly Float32Array[], vector: Float32Array): number {
  let best = 0;
  for (let i = 1; i < centers.length; i++) {
    if (cosineDistance(centers[i], vector) < cosineDistance(centers[best], vector)) best = i;
  }
  return best;
}

function meanOf(vectors: readonly Float32Array[], members: readonly number[]): Float32Array {
  const mean = new Float32Array(vectors[0].length);
  for (const n of members) for (let j = 0; j < mean.length; j++) mean[j] += vectors[n][j];
  const length = Math.hypot(...mean) || 1;
  return mean.map((value) => value / length);
}

function cosineDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return 1 - sum;
}

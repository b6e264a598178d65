import type { VectorRows } from '../vectors/vectorRows.js';
import { NeighborGraph } from './graph.js';

/** Vectors between two reports, after each of which other work gets its turn. */
const EVERY = 1000;

/** A graph of all rows. */
export async function buildGraph(
  rows: VectorRows,
  options: { links: number; effort: number; onProgress?: ((done: number, total: number) => void) | undefined },
): Promise<NeighborGraph> {
  const { onProgress, ...shape } = options;
  const graph = new NeighborGraph(rows, shape);
  while (graph.length < rows.length) {
    graph.add();
    if (graph.length % EVERY !== 0) continue;
    onProgress?.(graph.length, rows.length);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return graph;
}

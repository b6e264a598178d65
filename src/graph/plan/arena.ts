import { sizeOf } from '../../base/shape.js';
import { type GraphParts, shapeOf } from '../parts.js';
import { lastUses, Places } from './places.js';

/** A cache line, in floats, and as many behind each block, where vector loads may end. */
const LINE = 16;

/** The memory of activations: where each value begins, in floats. */
export interface Arena {
  readonly offsets: ReadonlyMap<number, number>;
  readonly floats: number;
  readonly places: Places;
}

interface Block {
  readonly base: number;
  readonly floats: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Lays out the values that are computed in each call, so that those which are never alive at the same time share memory: the largest first, each at the
 * lowest place where nothing alive lies.
 *
 * Source: Pisarchyk and Lee 2020 (arXiv:2001.03288), greedy by size.
 */
export function layOut(graph: GraphParts, fixed: ReadonlySet<number>): Arena {
  const places = new Places(graph, fixed);
  const blocks = blocksOf(graph, fixed, places).sort((a, b) => b.floats - a.floats || a.first - b.first);
  const placed: (Block & { readonly at: number })[] = [];
  for (const block of blocks) {
    const alive = placed
      .filter((other) => other.first <= block.last && block.first <= other.last)
      .sort((a, b) => a.at - b.at);
    let at = 0;
    for (const other of alive) {
      if (other.at - at >= block.floats) break;
      at = Math.max(at, other.at + other.floats);
    }
    placed.push({ ...block, at });
  }
  const start = new Map(placed.map(({ base, at }) => [base, at]));
  const offsets = new Map<number, number>();
  for (const { id } of graph.values) {
    const { base, offset } = places.of(id);
    const at = start.get(base);
    if (at !== undefined) offsets.set(id, at + offset);
  }
  return { offsets, floats: placed.reduce((most, { at, floats }) => Math.max(most, at + floats), 0), places };
}

/** The blocks of memory, alive from the first writing to the last reading of any value in them. */
function blocksOf(graph: GraphParts, fixed: ReadonlySet<number>, places: Places): Block[] {
  const uses = lastUses(graph);
  const made = new Map<number, number>(graph.inputs.map((value) => [value, -1]));
  for (const [at, node] of graph.nodes.entries()) for (const value of node.outputs) made.set(value, at);
  const blocks = new Map<number, Block>();
  for (const [value, at] of made) {
    if (fixed.has(value)) continue;
    const { base } = places.of(value);
    const floats = (Math.ceil(sizeOf(shapeOf(graph, base)) / LINE) + 1) * LINE;
    const known = blocks.get(base) ?? { base, floats, first: at, last: at };
    const last = Math.max(known.last, uses.get(value) ?? at);
    blocks.set(base, { ...known, first: Math.min(known.first, at), last });
  }
  return [...blocks.values()];
}

/** The most floats that are alive at one node, as if nothing shared memory by chance: what a layout cannot go below. */
export function mostAlive(graph: GraphParts, fixed: ReadonlySet<number>): number {
  const blocks = blocksOf(graph, fixed, new Places(graph, fixed));
  return graph.nodes.reduce((most, _node, at) => {
    const alive = blocks.filter(({ first, last }) => first <= at && at <= last);
    return Math.max(
      most,
      alive.reduce((sum, { floats }) => sum + floats, 0),
    );
  }, 0);
}

import { type RandomStream, randomStream } from '../../base/random.js';
import { Best } from '../vectors/best.js';
import { MOST_NAMED, type VectorRows } from '../vectors/vectorRows.js';
import { Links } from './links.js';
import { Queue } from './queue.js';

/** How a graph is built. */
export interface GraphOptions {
  /** Links per node and level; twice as many on the ground. Default 16. */
  links?: number | undefined;
  /** Nodes that are looked at closely while a node is added: more make a better graph, and building slower. Default 120. */
  effort?: number | undefined;
}

interface Scored {
  id: number;
  score: number;
}

/**
 * A graph of near neighbors in several levels, of which each has about a sixteenth of the nodes of the one below: a search walks from level to level towards the
 * query, and looks at some thousand of a million vectors.
 *
 * Source: Malkov and Yashunin 2018, "Efficient and Robust Approximate Nearest Neighbor Search Using Hierarchical Navigable Small World Graphs" (HNSW),
 * algorithms 1 to 5.
 */
export class NeighborGraph {
  readonly rows: VectorRows;
  readonly effort: number;
  #links: Links;
  #entry = -1;
  #top = -1;
  readonly #random: RandomStream;
  /** Who was visited in which search. */
  #visited = new Uint32Array(1024);
  #visit = 0;
  readonly #open = new Queue();
  readonly #fresh = new Int32Array(MOST_NAMED);

  constructor(rows: VectorRows, options: GraphOptions = {}) {
    const { links = 16, effort = 120 } = options;
    this.rows = rows;
    this.effort = effort;
    this.#links = new Links(links);
    this.#random = randomStream('search graph');
  }

  /** Nodes; node i is row i. */
  get length(): number {
    return this.#links.length;
  }

  /** Adds the next row. */
  add(): void {
    const links = this.#links;
    const level = Math.floor(-Math.log(1 - this.#random.uniform()) / Math.log(links.most));
    const node = links.add(level);
    if (this.#entry < 0) {
      this.#entry = node;
      this.#top = level;
      return;
    }
    let near = this.#descend(node, this.#top, level);
    for (let at = Math.min(level, this.#top); at >= 0; at--) {
      const found = this.#searchLevel(node, near, at, this.effort).take();
      const chosen = this.#choose(found, links.most);
      links.replace(node, at, chosen);
      for (const other of chosen) this.#linkBack(other, node, at);
      near = found.map(({ id }) => id);
    }
    if (level <= this.#top) return;
    this.#entry = node;
    this.#top = level;
  }

  /**
   * The nearest rows to the query of `rows`, best first. `effort` is how many are looked at closely: more find more, and take longer. Rows that `allows`
   * refuses lead on, but are no result.
   */
  search(count: number, effort: number, allows?: (id: number) => boolean): Scored[] {
    if (this.#entry < 0) return [];
    const near = this.#descend(-1, this.#top, 0);
    return this.#searchLevel(-1, near, 0, Math.max(effort, count), allows).take().slice(0, count);
  }

  /** Walks to the nearest node of each level, from the top to the one above `level`. */
  #descend(query: number, top: number, level: number): number[] {
    let at = this.#entry;
    this.#fresh[0] = at;
    let score = this.rows.compareSome(query, this.#fresh, 1)[0];
    for (let each = top; each > level; each--) {
      for (;;) {
        const neighbors = this.#links.of(at, each);
        const scores = this.rows.compareSome(query, neighbors, neighbors.length);
        const before = at;
        for (let i = 0; i < neighbors.length; i++) {
          if (scores[i] <= score) continue;
          score = scores[i];
          at = neighbors[i];
        }
        if (at === before) break;
      }
    }
    return [at];
  }

  /** The `effort` nearest nodes of a level that are found from `entries` (algorithm 2). */
  #searchLevel(
    query: number,
    entries: readonly number[],
    level: number,
    effort: number,
    allows?: (id: number) => boolean,
  ): Best {
    this.#newVisit();
    const [visited, visit, open, fresh, rows] = [this.#visited, this.#visit, this.#open, this.#fresh, this.rows];
    open.clear();
    // What leads the walk, and what is allowed as a result.
    const nearest = new Best(effort);
    const results = allows === undefined ? nearest : new Best(effort);
    const take = (count: number): void => {
      const scores = rows.compareSome(query, fresh, count);
      for (let i = 0; i < count; i++) {
        const [id, score] = [fresh[i], scores[i]];
        if (allows !== undefined && score > results.least && allows(id)) results.add(id, score);
        if (score <= nearest.least) continue;
        nearest.add(id, score);
        open.push(id, score);
      }
    };
    let count = 0;
    for (const entry of entries) {
      if (visited[entry] === visit || count === MOST_NAMED) continue;
      visited[entry] = visit;
      fresh[count++] = entry;
    }
    take(count);
    while (open.length > 0 && open.best >= nearest.least) {
      const neighbors = this.#links.of(open.pop(), level);
      count = 0;
      for (let i = 0; i < neighbors.length; i++) {
        const neighbor = neighbors[i];
        if (visited[neighbor] === visit) continue;
        visited[neighbor] = visit;
        fresh[count++] = neighbor;
      }
      if (count > 0) take(count);
    }
    return results;
  }

  #newVisit(): void {
    if (this.#visited.length < this.length) {
      const larger = new Uint32Array(Math.max(2 * this.#visited.length, this.length));
      larger.set(this.#visited);
      this.#visited = larger;
    }
    if (++this.#visit < 2 ** 32 - 1) return;
    this.#visited.fill(0);
    this.#visit = 1;
  }

  /** Up to `most` of `found`, best first: those that are nearer to the node than to any that was chosen before (algorithm 4). */
  #choose(found: readonly Scored[], most: number): number[] {
    const chosen = new Int32Array(most);
    let count = 0;
    for (const { id, score } of found) {
      if (count === most) break;
      const scores = this.rows.compareSome(id, chosen, count);
      let isNew = true;
      for (let i = 0; i < count && isNew; i++) isNew = scores[i] < score;
      if (isNew) chosen[count++] = id;
    }
    return [...chosen.subarray(0, count)];
  }

  /** Links `other` to a new node; where it has no room left, to the best choice of all. */
  #linkBack(other: number, node: number, level: number): void {
    const links = this.#links;
    if (links.append(other, level, node)) return;
    const candidates = Int32Array.from([...links.of(other, level), node]);
    const scores = this.rows.compareSome(other, candidates, candidates.length);
    const found = Array.from(candidates, (id, i) => ({ id, score: scores[i] })).sort((a, b) => b.score - a.score);
    links.replace(other, level, this.#choose(found, links.room(level)));
  }

  /** Everything but the rows, for a file. */
  toArrays(): { ground: Int32Array; starts: Int32Array; upper: Int32Array; entry: number; top: number; links: number } {
    return { ...this.#links.toArrays(), entry: this.#entry, top: this.#top, links: this.#links.most };
  }

  static fromArrays(rows: VectorRows, arrays: ReturnType<NeighborGraph['toArrays']>, effort?: number): NeighborGraph {
    const graph = new NeighborGraph(rows, { links: arrays.links, effort });
    graph.#links = Links.fromArrays(arrays.links, arrays);
    graph.#entry = arrays.entry;
    graph.#top = arrays.top;
    return graph;
  }
}

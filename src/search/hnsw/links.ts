/**
 * Who is linked to whom: of each node and each of its levels a list of other nodes. Level 0, where all nodes are, has room for twice as many links as the
 * levels above.
 */
export class Links {
  readonly #width0: number;
  readonly #width: number;
  /** Of each node, the number of links and the links. */
  #ground: Int32Array;
  /** Where the lists of the levels above begin in `#upper`; -1 for nodes of level 0. */
  #starts: Int32Array;
  #upper: Int32Array;
  #upperLength = 0;
  length = 0;

  constructor(readonly most: number) {
    this.#width0 = 2 * most + 1;
    this.#width = most + 1;
    this.#ground = new Int32Array(1024 * this.#width0);
    this.#starts = new Int32Array(1024);
    this.#upper = new Int32Array(256 * this.#width);
  }

  /** How many links a node can have on a level. */
  room(level: number): number {
    return level === 0 ? 2 * this.most : this.most;
  }

  /** Adds a node that is on levels 0 to `level`, without links. */
  add(level: number): number {
    const node = this.length++;
    if (node === this.#starts.length) {
      this.#ground = grown(this.#ground);
      this.#starts = grown(this.#starts);
    }
    this.#starts[node] = -1;
    if (level === 0) return node;
    const needed = level * this.#width;
    while (this.#upperLength + needed > this.#upper.length) this.#upper = grown(this.#upper);
    this.#starts[node] = this.#upperLength;
    this.#upperLength += needed;
    return node;
  }

  /** The links of a node: a view. */
  of(node: number, level: number): Int32Array {
    const [list, at] = this.#place(node, level);
    return list.subarray(at + 1, at + 1 + list[at]);
  }

  /** Adds a link if there is room for it. */
  append(node: number, level: number, to: number): boolean {
    const [list, at] = this.#place(node, level);
    if (list[at] >= this.room(level)) return false;
    list[at + 1 + list[at]] = to;
    list[at]++;
    return true;
  }

  replace(node: number, level: number, links: readonly number[]): void {
    const [list, at] = this.#place(node, level);
    list[at] = links.length;
    for (const [i, link] of links.entries()) list[at + 1 + i] = link;
  }

  #place(node: number, level: number): [Int32Array, number] {
    if (level === 0) return [this.#ground, node * this.#width0];
    return [this.#upper, this.#starts[node] + (level - 1) * this.#width];
  }

  /** Everything as numbers, for a file. */
  toArrays(): { ground: Int32Array; starts: Int32Array; upper: Int32Array } {
    return {
      ground: this.#ground.subarray(0, this.length * this.#width0),
      starts: this.#starts.subarray(0, this.length),
      upper: this.#upper.subarray(0, this.#upperLength),
    };
  }

  static fromArrays(most: number, { ground, starts, upper }: ReturnType<Links['toArrays']>): Links {
    const links = new Links(most);
    links.#ground = Int32Array.from(ground);
    links.#starts = Int32Array.from(starts);
    links.#upper = upper.length === 0 ? links.#upper : Int32Array.from(upper);
    links.#upperLength = upper.length;
    links.length = starts.length;
    return links;
  }
}

function grown(list: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * list.length);
  larger.set(list);
  return larger;
}

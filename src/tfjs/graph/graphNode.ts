import { isRecord, quote, refuse } from '../config.js';

/** A value of the graph: which output of which node. */
export interface Source {
  node: string;
  output: number;
}

/** An operation of the graph with typed access to its attributes. Every error names it and its kind. */
export class GraphNode {
  constructor(
    readonly name: string,
    readonly op: string,
    readonly inputs: readonly Source[],
    readonly attributes: Readonly<Record<string, unknown>>,
  ) {}

  /** `Conv2D 'block1/Conv2D'` */
  get title(): string {
    return `${this.op} '${this.name}'`;
  }

  refuse(complaint: string): never {
    return refuse(`node ${this.title} ${complaint}.`);
  }

  check(holds: boolean, complaint: string): void {
    if (!holds) this.refuse(complaint);
  }

  /** Protocol buffers as JSON write whole numbers as texts, and leave zeros out. */
  number(name: string, fallback: number): number {
    const given = this.#attribute(name);
    if (given === undefined) return fallback;
    const value = Number(given.f ?? given.i ?? 0);
    return Number.isFinite(value) ? value : this.refuse(`has ${name} ${quote(given)}, which must be a number`);
  }

  flag(name: string, fallback = false): boolean {
    const given = this.#attribute(name);
    if (given === undefined) return fallback;
    return (given.b ?? false) === true;
  }

  text(name: string, fallback: string): string {
    const given = this.#attribute(name);
    return given === undefined ? fallback : this.#decoded(name, given.s ?? '');
  }

  type(name: string): string {
    const type = this.#attribute(name)?.type;
    return typeof type === 'string' ? type : '';
  }

  numbers(name: string): number[] | undefined {
    const list = this.#list(name);
    if (list === undefined) return undefined;
    const values = list.i ?? list.f ?? [];
    const numbers = Array.isArray(values) ? values.map(Number) : [];
    this.check(
      Array.isArray(values) && numbers.every(Number.isFinite),
      `has ${name} ${quote(values)}, which must be numbers`,
    );
    return numbers;
  }

  texts(name: string): string[] {
    const values = this.#list(name)?.s ?? [];
    this.check(Array.isArray(values), `has ${name} ${quote(values)}, which must be texts`);
    return (values as unknown[]).map((value) => this.#decoded(name, value));
  }

  /** The sizes of an attribute that is a shape, null where any fits; null for a shape that is not known. */
  shape(name: string): (number | null)[] | null {
    const shape = this.#attribute(name)?.shape;
    if (!isRecord(shape) || shape.unknownRank === true) return null;
    const dim = shape.dim ?? [];
    this.check(Array.isArray(dim), `has ${name} ${quote(shape)}, which must be a shape`);
    return (dim as unknown[]).map((axis) => {
      const size = Number(isRecord(axis) ? (axis.size ?? 0) : -1);
      return Number.isSafeInteger(size) && size > 0 ? size : null;
    });
  }

  #attribute(name: string): Record<string, unknown> | undefined {
    const given = Object.hasOwn(this.attributes, name) ? this.attributes[name] : undefined;
    if (given == null) return undefined;
    return isRecord(given) ? given : this.refuse(`has the attribute ${name} ${quote(given)}. The file is damaged`);
  }

  #list(name: string): Record<string, unknown> | undefined {
    const list = this.#attribute(name)?.list;
    return isRecord(list) ? list : undefined;
  }

  /** Texts are bytes, in base 64 or as a list. */
  #decoded(name: string, value: unknown): string {
    if (Array.isArray(value) && value.every((code) => Number.isInteger(code)))
      return String.fromCharCode(...value.slice(0, 1000));
    try {
      if (typeof value === 'string') return atob(value);
    } catch {}
    return this.refuse(`has ${name} ${quote(value)}, which must be a text in base 64`);
  }
}

/** `name`, `name:1`; null for what only has to run before. */
export function sourceOf(text: unknown): Source | null {
  if (typeof text !== 'string' || text === '') refuse(`a node has the input ${quote(text)}, which must be a name.`);
  if (text.startsWith('^')) return null;
  const colon = /^(.*):(\d{1,6})$/s.exec(text);
  return colon === null ? { node: text, output: 0 } : { node: colon[1], output: Number(colon[2]) };
}

/** The nodes of a graph model by their names. */
export function readNodes(topology: unknown): Map<string, GraphNode> {
  const list = isRecord(topology) ? topology.node : undefined;
  if (!Array.isArray(list) || list.length === 0) {
    refuse(`model.json has the modelTopology ${quote(topology)}, but needs a list of nodes.`);
  }
  const nodes = new Map<string, GraphNode>();
  for (const json of list) {
    const { name, op, input = [], attr = {} } = isRecord(json) ? json : {};
    if (typeof name !== 'string' || typeof op !== 'string' || !Array.isArray(input) || !isRecord(attr)) {
      refuse(`a node is ${quote(json)}, but needs a name, an op, inputs and attributes. The file is damaged.`);
    }
    if (nodes.has(name)) refuse(`two nodes are named '${name}'.`);
    const inputs = input.map(sourceOf).filter((source) => source !== null);
    nodes.set(name, new GraphNode(name, op, inputs, attr));
  }
  return nodes;
}

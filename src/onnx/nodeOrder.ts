import { FormatError } from '../base/errors.js';
import type { GraphProto, NodeProto } from './proto.js';

/** The nodes that an output depends on, each behind those that make what it reads, and what none of them makes. */
export interface NeededNodes {
  nodes: NodeProto[];
  /** Names that are read but no node makes: inputs of the graph and initializers, in a sound file. */
  given: Set<string>;
}

/**
 * Sorts the nodes that `output` depends on; those in order stay as they stand. Throws `FormatError` when two nodes make one value, or a
 * node depends on itself.
 */
export function neededNodes(graph: GraphProto, output: string): NeededNodes {
  const makers = new Map<string, NodeProto>();
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (name === '') continue;
      const other = makers.get(name);
      if (other) throw new FormatError(`importOnnx: nodes ${title(other)} and ${title(node)} both make '${name}'.`);
      makers.set(name, node);
    }
  }
  const given = new Set<string>();
  const needed = needs(makers, output, given);
  const nodes: NodeProto[] = [];
  const done = new Set<NodeProto>();
  for (const node of graph.nodes) if (needed.has(node)) visit(node, makers, done, nodes);
  return { nodes, given };
}

/** The nodes before `output`, in no order; names without a maker go into `given`. */
function needs(makers: ReadonlyMap<string, NodeProto>, output: string, given: Set<string>): Set<NodeProto> {
  const needed = new Set<NodeProto>();
  const names = [output];
  for (let name = names.pop(); name !== undefined; name = names.pop()) {
    const maker = makers.get(name);
    if (maker === undefined) given.add(name);
    else if (!needed.has(maker)) {
      needed.add(maker);
      names.push(...maker.inputs.filter((input) => input !== ''));
    }
  }
  return needed;
}

/** Appends a node behind what it reads. A list of its own stands for recursion: networks are deeper than the stack. */
function visit(
  root: NodeProto,
  makers: ReadonlyMap<string, NodeProto>,
  done: Set<NodeProto>,
  sorted: NodeProto[],
): void {
  if (done.has(root)) return;
  const open = new Set([root]);
  const path: { node: NodeProto; next: number }[] = [{ node: root, next: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const { node } = top;
    if (top.next === node.inputs.length) {
      path.pop();
      open.delete(node);
      done.add(node);
      sorted.push(node);
      continue;
    }
    const maker = makers.get(node.inputs[top.next++]);
    if (maker === undefined || done.has(maker)) continue;
    if (open.has(maker)) {
      const from = path.findIndex((step) => step.node === maker);
      const circle = path.slice(from, from + 8).map((step) => title(step.node));
      throw new FormatError(
        `importOnnx: ${circle.join(', ')}${path.length - from > 8 ? ', ...' : ''}: each of these nodes needs what the next one makes, and the last what the first makes. Such a circle cannot run.`,
      );
    }
    open.add(maker);
    path.push({ node: maker, next: 0 });
  }
}

function title({ opType, name, outputs }: NodeProto): string {
  return `${opType} '${name || outputs[0]}'`;
}

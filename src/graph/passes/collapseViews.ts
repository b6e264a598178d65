import type { Graph } from '../graph.js';
import { Uses } from './uses.js';

/** Lets a reshape of a reshape read what the first one read, and leaves out reshapes that change nothing and are not returned. */
export function collapseViews(graph: Graph): Graph {
  const uses = new Uses(graph);
  const source = (value: number): number => {
    const maker = uses.maker(value);
    return maker?.isView === true ? source(maker.inputs[0] as number) : value;
  };
  const nodes = graph.nodes.map((node) =>
    node.isView ? { ...node, inputs: [source(node.inputs[0] as number), ...node.inputs.slice(1)] } : node,
  );
  return graph.with({ nodes });
}

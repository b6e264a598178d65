import { checkOptions } from '../base/checkOptions.js';
import { formatShape } from '../base/shape.js';
import type { GraphNode, ModuleCall } from './node.js';
import { type GraphParts, shapeOf } from './parts.js';

/** How a graph is drawn. */
export interface Drawing {
  /** Modules at this depth are drawn as one box each: 1 shows the model's children. Default: every layer and operation. */
  depth?: number | undefined;
}

interface Box {
  id: string;
  lines: string[];
}

interface Picture {
  boxes: Box[];
  edges: [from: string, to: string][];
}

/** The graph as a Mermaid flowchart. */
export function toMermaid(graph: GraphParts, options: Drawing = {}): string {
  const { boxes, edges } = picture(graph, options);
  const lines = boxes.map(({ id, lines }) => `  ${id}["${lines.join('<br/>')}"]`);
  return ['flowchart TD', ...lines, ...edges.map(([from, to]) => `  ${from} --> ${to}`), ''].join('\n');
}

/** The graph in the language of Graphviz. */
export function toDot(graph: GraphParts, options: Drawing = {}): string {
  const { boxes, edges } = picture(graph, options);
  const lines = boxes.map(({ id, lines }) => `  ${id} [label="${lines.join('\\n')}"];`);
  const arrows = edges.map(([from, to]) => `  ${from} -> ${to};`);
  return ['digraph {', '  node [shape=box];', ...lines, ...arrows, '}', ''].join('\n');
}

/** Boxes for layers and for operations between them, and edges for the tensors that pass. Weights are not drawn. */
function picture(graph: GraphParts, options: Drawing): Picture {
  checkOptions('Graph', options, ['depth']);
  const { depth = Infinity } = options;
  const callers = new Set(graph.calls.map(({ parent }) => parent));
  const boxes = new Map<GraphNode | number, Box>();
  const makers = new Map<number, string>();
  const inputs = graph.inputs.map((value, i): Box => {
    const id = graph.inputs.length === 1 ? 'input' : `input${i}`;
    makers.set(value, id);
    return { id, lines: ['input', formatShape(shapeOf(graph, value))] };
  });
  const edges = new Map<string, [string, string]>();
  for (const node of graph.nodes) {
    const unit = unitOf(graph, node, depth, callers);
    const box = boxes.get(unit) ?? { id: `n${boxes.size}`, lines: titleOf(graph, unit) };
    boxes.set(unit, box);
    for (const value of node.inputs) {
      const from = makers.get(value);
      if (from !== undefined && from !== box.id) edges.set(`${from} ${box.id}`, [from, box.id]);
    }
    for (const value of node.outputs) makers.set(value, box.id);
  }
  return { boxes: [...inputs, ...boxes.values()], edges: [...edges.values()] };
}

/** What a node is drawn as: the module call at the cut, the layer that it is all of, or itself. */
function unitOf(
  graph: GraphParts,
  node: GraphNode,
  depth: number,
  callers: ReadonlySet<number | null>,
): GraphNode | number {
  let at = node.call;
  const callAt = (i: number): ModuleCall => graph.calls[i] as ModuleCall;
  while (callAt(at).depth > depth) at = callAt(at).parent as number;
  if (callAt(at).depth === depth && depth > 0) return at;
  return callers.has(at) || callAt(at).depth === 0 ? node : at;
}

function titleOf(graph: GraphParts, unit: GraphNode | number): string[] {
  if (typeof unit !== 'number') return [unit.op, formatShape(shapeOf(graph, unit.outputs[0] as number))];
  const { name, type, output } = graph.calls[unit] as ModuleCall;
  const last = graph.nodes.findLast(({ call }) => call === unit);
  const ends = last?.op === 'batchNormRelu2d' ? ' and ReLU' : '';
  return [`${name} ${type}${ends}`, formatShape(output)];
}

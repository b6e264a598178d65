import { checkOptions } from '../base/checkOptions.js';
import { formatShape, type Shape } from '../base/shape.js';
import type { Module } from '../layers/module.js';
import { type ModuleCall, type OpCall, recordForward } from './recordForward.js';

/** Options of `graph`. */
export interface GraphOptions {
  /** 'mermaid' (the default) or 'dot' for Graphviz. */
  format?: 'mermaid' | 'dot' | undefined;
  /** Modules at this depth are drawn as one node each: 1 shows the model's children. Default: every layer and operation. */
  depth?: number | undefined;
  /** Draws what runs in training, with the auxiliary heads of a model that was made with them. Default false. */
  training?: boolean | undefined;
}

interface GraphNode {
  id: string;
  lines: string[];
}

interface Graph {
  nodes: GraphNode[];
  edges: [from: string, to: string][];
}

/**
 * The graph of a model as text, for an input of a shape: a node a layer, and one for each operation between layers, such as the
 * addition of a residual block. Parameters are not drawn. Nothing is computed.
 *
 * Mermaid text shows as a picture in Markdown on GitHub; `dot -Tsvg` draws the other.
 *
 * @example
 * writeFileSync('resnet20.dot', graph(createModel('resnet20'), [1, 3, 32, 32], { format: 'dot' }));
 */
export function graph(model: Module, inputShape: Shape, options: GraphOptions = {}): string {
  checkOptions('graph', options, ['format', 'depth', 'training']);
  const { format = 'mermaid', depth = Infinity, training = false } = options;
  const { nodes, edges } = build(model, inputShape, depth, training);
  if (format === 'dot') {
    const boxes = nodes.map(({ id, lines }) => `  ${id} [label="${lines.join('\\n')}"];`);
    const arrows = edges.map(([from, to]) => `  ${from} -> ${to};`);
    return ['digraph {', '  node [shape=box];', ...boxes, ...arrows, '}', ''].join('\n');
  }
  const boxes = nodes.map(({ id, lines }) => `  ${id}["${lines.join('<br/>')}"]`);
  const arrows = edges.map(([from, to]) => `  ${from} --> ${to}`);
  return ['flowchart TD', ...boxes, ...arrows, ''].join('\n');
}

function build(model: Module, inputShape: Shape, depth: number, training: boolean): Graph {
  const { calls, ops } = recordForward(model, inputShape, training);
  const callers = new Set(calls.map(({ parent }) => parent));
  const nodes = new Map<ModuleCall | OpCall, GraphNode>();
  const input: GraphNode = { id: 'input', lines: ['input', formatShape(inputShape)] };
  const edges = new Map<string, [string, string]>();
  // Which node made each tensor; parameters are made by none.
  const makers = new Map<number, string>([[0, input.id]]);
  for (const op of ops) {
    const unit = unitOf(op, depth, callers);
    const node = nodes.get(unit) ?? { id: `n${nodes.size}`, lines: titleOf(unit) };
    nodes.set(unit, node);
    for (const { id } of op.inputs) {
      const from = makers.get(id);
      if (from !== undefined && from !== node.id) edges.set(`${from} ${node.id}`, [from, node.id]);
    }
    makers.set(op.output.id, node.id);
  }
  return { nodes: [input, ...nodes.values()], edges: [...edges.values()] };
}

/** What an operation is drawn as: the module at the cut, the layer that it is all of, or itself. */
function unitOf(op: OpCall, depth: number, callers: ReadonlySet<ModuleCall | null>): ModuleCall | OpCall {
  let call = op.call;
  while (call.depth > depth) call = call.parent as ModuleCall;
  if (call.depth === depth && depth > 0) return call;
  return callers.has(call) || call.depth === 0 ? op : call;
}

function titleOf(unit: ModuleCall | OpCall): string[] {
  if ('op' in unit) return [unit.op, formatShape(unit.output.shape)];
  const ends = unit.ops.at(-1)?.op === 'batchNormRelu2d' ? ' and ReLU' : '';
  return [`${unit.name} ${unit.module.constructor.name}${ends}`, formatShape(unit.output)];
}

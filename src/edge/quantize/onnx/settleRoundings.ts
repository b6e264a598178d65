import type { Graph } from '../../../graph/graph.js';
import type { GraphNode } from '../../../graph/node.js';
import { NewValues } from '../../../graph/passes/pass.js';
import { Uses } from '../../../graph/passes/uses.js';
import type { Quantization } from '../integers/integerNetwork.js';
import { ROUNDING } from './roundings.js';

/** Rounds what a reshape reads instead of its result, where nothing else reads either. */
export function roundBeforeViews(graph: Graph): Graph {
  const added = new NewValues(graph);
  const uses = new Uses(graph);
  const gone = new Set<GraphNode>();
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (node.op !== ROUNDING) return [node];
    const [output] = node.outputs as [number];
    const view = uses.onlyFor(node.inputs[0] as number);
    const source = view?.isView === true ? (view.inputs[0] as number) : -1;
    if (view === undefined || uses.onlyFor(source) === undefined) return [node];
    gone.add(view);
    const rounded = added.add(graph.shapeOf(source));
    return [
      { ...node, inputs: [source], outputs: [rounded] },
      { ...view, inputs: [rounded, ...view.inputs.slice(1)], outputs: [output] },
    ];
  });
  return graph.with({ nodes: nodes.filter((node) => !gone.has(node)), values: added.values });
}

/** Leaves out roundings of numbers that are rounded already: behind a reshape, a max pool or a frame of zeros. */
export function dropRepeatedRoundings(graph: Graph): Graph {
  const rounded = new Map<number, Quantization>();
  const other = new Map<number, number>();
  const now = (value: number): number => other.get(value) ?? value;
  const nodes = graph.nodes.flatMap((original): GraphNode[] => {
    const node = renamed(original, now);
    const [input = -1] = node.inputs;
    const [output = -1] = node.outputs;
    const known = rounded.get(input);
    if (node.op === ROUNDING) {
      const to = node.attributes as unknown as Quantization;
      if (known !== undefined && isSame(known, { ...to, low: Math.max(known.low, to.low) })) {
        other.set(output, input);
        return [];
      }
      rounded.set(output, to);
    } else if (known !== undefined && keepsRounding(node)) rounded.set(output, known);
    return [node];
  });
  return graph.with({ nodes, outputs: graph.outputs.map(now) });
}

/** A node with other values. */
export function renamed(node: GraphNode, now: (value: number) => number): GraphNode {
  const roles = Object.fromEntries(Object.entries(node.roles).map(([name, value]) => [name, now(value)]));
  const kernels = node.kernels.map((call) => {
    if (!('args' in call)) return { ...call, inputs: call.inputs.map(now), outputs: call.outputs.map(now) };
    return { ...call, args: call.args.map((arg) => ('value' in arg ? { value: now(arg.value) } : arg)) };
  });
  return { ...node, inputs: node.inputs.map(now), outputs: node.outputs.map(now), roles, kernels };
}

export function isSame(a: Quantization, b: Quantization): boolean {
  return a.scale === b.scale && a.zero === b.zero && a.low === b.low;
}

/** Whether the results are some of the numbers that went in, or 0. */
export function keepsRounding({ op, isView, attributes }: Pick<GraphNode, 'op' | 'isView' | 'attributes'>): boolean {
  return isView || /^(adaptive|global)?(M|m)axPool2d$/.test(op) || (op === 'pad' && attributes.value === 0);
}

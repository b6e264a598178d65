import { formatShape } from '../base/shape.js';
import type { GraphNode, GraphValue } from './node.js';
import { type GraphParts, moduleOf, shapeOf } from './parts.js';

/** The graph as readable text, one line per node. */
export function printGraph(graph: GraphParts): string {
  const shape = (values: readonly number[]): string => values.map((v) => formatShape(shapeOf(graph, v))).join(', ');
  const head = `${graph.model} ${shape(graph.inputs)} -> ${shape(graph.outputs)}`;
  const lines = graph.nodes.map((node) => {
    const [output = -1] = node.outputs;
    const told = describeAttributes(node);
    const result = `  %${output} = ${node.op}(${node.inputs.map((v) => nameOf(graph, v)).join(', ')})`;
    const module = moduleOf(graph, node);
    return `${result}${told} ${formatShape(shapeOf(graph, output))}${module === '' ? '' : ` # ${module}`}`;
  });
  return [head, ...lines, `  return ${graph.outputs.map((v) => nameOf(graph, v)).join(', ')}`].join('\n');
}

/** `%3` for a result, `input` for the input, the entry of the state dict for a weight. */
export function nameOf(graph: GraphParts, value: number): string {
  const { kind, name, id, shape } = graph.values[value] as GraphValue;
  if (name !== null) return name;
  if (kind === 'input') return graph.inputs.length === 1 ? 'input' : `input${graph.inputs.indexOf(id)}`;
  return kind === 'constant' ? `constant${formatShape(shape)}` : `%${id}`;
}

/** What a geometry says beyond the shapes. */
const LEFT_OUT = /^(batch|planes|inChannels|outChannels|inHeight|inWidth|outHeight|outWidth|channels|spatial)$/;
/** Numbers that say nothing special. */
const USUAL: Readonly<Record<string, unknown>> = {
  strideHeight: 1,
  strideWidth: 1,
  padTop: 0,
  padLeft: 0,
  dilationHeight: 1,
  dilationWidth: 1,
  groups: 1,
};

function describeAttributes({ attributes }: GraphNode): string {
  const told = Object.entries(attributes).filter(([name, value]) => {
    const isPlain = typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
    const isShort = Array.isArray(value) && value.length <= 8;
    return (isPlain || isShort) && !LEFT_OUT.test(name) && USUAL[name] !== value;
  });
  return told.length === 0 ? '' : ` {${told.map(([name, value]) => `${name}=${String(value)}`).join(' ')}}`;
}

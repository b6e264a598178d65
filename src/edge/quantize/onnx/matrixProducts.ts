import type { Graph } from '../../../graph/graph.js';
import type { GraphNode } from '../../../graph/node.js';
import { NewValues } from '../../../graph/passes/pass.js';
import { Uses } from '../../../graph/passes/uses.js';
import type { Constants } from './constants.js';

/** The operation that turns the weights of a matrix product into those of a linear layer. */
export const TRANSPOSED = 'transposedWeights';

/** Turns products of one row and constant weights [I, O] into linear layers, with the constant that is added to them alone as their bias. */
export function productsToLinear(graph: Graph, constants: Constants): Graph {
  const added = new NewValues(graph);
  const uses = new Uses(graph);
  const swallowed = new Set<GraphNode>();
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    const [x, w] = node.inputs as [number, number];
    if (node.op !== 'matmul' || constants.has(x) || !constants.has(w)) return [node];
    const [shape, [rows, columns]] = [graph.shapeOf(w), graph.shapeOf(x)];
    if (shape.length !== 2 || rows !== 1 || columns !== shape[0] || graph.shapeOf(x).length !== 2) return [node];
    const turned = added.add([shape[1] as number, shape[0] as number]);
    const transpose: GraphNode = {
      op: TRANSPOSED,
      attributes: {},
      inputs: [w],
      outputs: [turned],
      roles: {},
      call: node.call,
      isView: false,
      kernels: [
        {
          name: TRANSPOSED,
          host: ([to], [from]) => (to as Float32Array).set(transposed(from as Float32Array, shape)),
          outputs: [turned],
          inputs: [w],
          flops: 0,
        },
      ],
    };
    const sum = graph.nodes.find(({ op, inputs }) => op === 'add' && inputs[0] === node.outputs[0]);
    const bias = sum?.inputs[1];
    const joins = uses.of(node.outputs[0] as number) === 1 && constants.has(bias);
    const isRow = joins && graph.shapeOf(bias).length === 1 && graph.shapeOf(bias)[0] === shape[1];
    if (isRow) swallowed.add(sum as GraphNode);
    const layer: GraphNode = {
      ...node,
      op: 'linear',
      inputs: isRow ? [x, turned, bias] : [x, turned],
      outputs: isRow ? (sum as GraphNode).outputs : node.outputs,
      kernels: [],
    };
    return [transpose, layer];
  });
  return graph.with({ nodes: nodes.filter((node) => !swallowed.has(node)), values: added.values });
}

/** A matrix [M, N] as [N, M]. */
export function transposed(matrix: Float32Array, [rows, columns]: readonly number[]): Float32Array {
  const [M, N] = [rows as number, columns as number];
  return Float32Array.from(matrix, (_, i) => matrix[(i % M) * N + Math.floor(i / M)] as number);
}

import { sameShape } from '../../../base/shape.js';
import type { Graph } from '../../../graph/graph.js';
import type { GraphNode } from '../../../graph/node.js';
import type { Tensor } from '../../../tensor/tensor.js';
import { imageOf, type OperationKind } from './network.js';

/** Functions of one number: 256 bytes of a table say all about them. */
export const UNARY =
  /^(relu|relu6|leakyRelu|elu|gelu|geluTanh|silu|hardSwish|hardSigmoid|sigmoid|tanh|exp|abs|neg|square|clip)$/;

/** Which integer kernel computes an operation; 'float' where none does. */
export function kindOf(graph: Graph, node: GraphNode, tensors: ReadonlyMap<number, Tensor>): OperationKind {
  const shapes = [...node.inputs, ...node.outputs].map((value) => graph.shapeOf(value));
  if (node.outputs.length !== 1 || shapes.some((shape) => imageOf(shape) === null)) return 'float';
  const isGiven = node.inputs.map((value) => !tensors.has(value));
  const [a = [], b = []] = shapes;
  if (node.op === 'concat') return node.attributes.axis === 1 && a.length === 4 ? 'concat' : 'float';
  if (!isGiven.every(Boolean)) return 'float';
  if (node.isView) return isPixel(a) && isPixel(shapes.at(-1) ?? []) ? 'view' : 'float';
  if (UNARY.test(node.op) && node.inputs.length === 1) return 'lookup';
  if (/^add(Relu)?$/.test(node.op) && sameShape(a, b)) return 'add';
  if (node.op === 'mul' && node.inputs.length === 2) return isScale(a, b) || isScale(b, a) ? 'scale' : 'float';
  if (/^(adaptive|global)?(A|a)vgPool2d$/.test(node.op)) return 'avgPool';
  if (/^(adaptive|global)?(M|m)axPool2d$/.test(node.op)) return 'maxPool';
  return 'float';
}

/** Moving channels of one pixel to another shape moves no byte. */
function isPixel(shape: readonly number[]): boolean {
  const image = imageOf(shape);
  return image !== null && image.height * image.width === 1;
}

/** One number for each channel of an image. */
export function isScale(image: readonly number[], factors: readonly number[]): boolean {
  const of = imageOf(factors);
  return (
    of !== null && of.height * of.width === 1 && of.channels === image[1] && image.length === 4 && factors.length === 4
  );
}

import type { Conv2dGeometry } from '../../kernels/geometry.js';
import type { Graph } from '../graph.js';
import { mergeNodes } from './pass.js';

/** Lets a convolution pad with zeros by itself, instead of reading a padded copy of its input. */
export function foldPadding(graph: Graph): Graph {
  return mergeNodes(graph, (node, uses) => {
    if (node.op !== 'conv2d') return null;
    const [x, ...others] = node.inputs as [number, ...number[]];
    const pad = uses.onlyFor(x);
    const { sides, mode, value } = (pad?.attributes ?? {}) as {
      sides?: number[] | undefined;
      mode?: string | undefined;
      value?: number | undefined;
    };
    if (pad?.op !== 'pad' || sides === undefined || mode !== 'zero' || value !== 0) return null;
    const [top, right, bottom, left] = sides as [number, number, number, number];
    if (Math.min(top, right, bottom, left) < 0) return null;
    const g = node.attributes as unknown as Conv2dGeometry;
    const source = pad.inputs[0] as number;
    const [, , inHeight, inWidth] = graph.shapeOf(source) as [number, number, number, number];
    const attributes = Object.freeze({ ...g, inHeight, inWidth, padTop: g.padTop + top, padLeft: g.padLeft + left });
    return { nodes: [{ ...node, attributes, inputs: [source, ...others], kernels: [] }], swallowed: pad };
  });
}

import type { Graph } from '../../../graph/graph.js';
import { mergeNodes } from '../../../graph/passes/pass.js';

/** Lets a max pool leave out what lies outside, instead of reading a copy with a frame of minus infinity: files may pad each side by another number. */
export function poolsPadThemselves(graph: Graph): Graph {
  return mergeNodes(graph, (node, uses) => {
    if (node.op !== 'maxPool2d') return null;
    const pad = uses.onlyFor(node.inputs[0] as number);
    const { sides, value } = (pad?.attributes ?? {}) as {
      sides?: readonly number[] | undefined;
      value?: number | undefined;
    };
    if (pad?.op !== 'pad' || value !== Number.NEGATIVE_INFINITY || sides?.length !== 4) return null;
    const { kernelHeight, kernelWidth, padTop, padLeft } = node.attributes as Record<string, number | undefined>;
    const [top, right, bottom, left] = sides as [number, number, number, number];
    const isInside = Math.max(top, bottom) < (kernelHeight ?? 0) && Math.max(left, right) < (kernelWidth ?? 0);
    if (!isInside || Math.min(...sides) < 0) return null;
    const attributes = { ...node.attributes, padTop: (padTop ?? 0) + top, padLeft: (padLeft ?? 0) + left };
    return { nodes: [{ ...node, attributes, inputs: pad.inputs, kernels: [] }], swallowed: pad };
  });
}

import { sizeOf } from '../../base/shape.js';
import { convolutionKernels } from '../../kernels/families/convolution.js';
import type { Conv2dGeometry } from '../../kernels/geometry.js';
import type { Graph } from '../graph.js';
import type { GraphNode, GraphValue, KernelArgument, KernelCall } from '../node.js';
import { readFused } from '../passes/convolutions.js';
import { constantValues } from '../passes/foldConstants.js';

/** A graph whose nodes all say which kernels compute them, with the filters of convolutions prepared as values of their own. */
export function lower(graph: Graph): Graph {
  const constant = constantValues(graph);
  const values: GraphValue[] = [...graph.values];
  const prepared = new Map<string, number>();
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    const conv = readFused(node);
    if (conv === null) return [node];
    const { geometry: g, w } = conv;
    const length = constant.has(w) ? convolutionKernels.conv2dKeptLength(g) : 0;
    if (length === 0) return [{ ...node, kernels: [convolution(node, null)] }];
    const key = `${w} ${JSON.stringify(g)}`;
    const known = prepared.get(key);
    const kept = known ?? values.push({ id: values.length, kind: 'activation', shape: [length], name: null }) - 1;
    prepared.set(key, kept);
    const run = { ...node, inputs: [...node.inputs, kept], kernels: [convolution(node, kept)] };
    return known === undefined ? [preparation(node, w, kept, g), run] : [run];
  });
  return graph.with({ nodes, values });
}

function convolution(node: GraphNode, kept: number | null): KernelCall {
  const {
    x,
    w,
    scale,
    shift,
    residual,
    activation,
    geometry: g,
  } = readFused(node) as NonNullable<ReturnType<typeof readFused>>;
  const value = (id: number | null | undefined): KernelArgument => (id == null ? { literal: null } : { value: id });
  const floats =
    kept === null ? convolutionKernels.conv2dWorkspace('forward', g) : convolutionKernels.conv2dKeptWorkspace(g);
  const operands = [node.outputs[0], x, w, scale, shift, residual].map(value);
  const rest: KernelArgument[] = [{ literal: activation }, { literal: g }, { workspace: floats }, value(kept)];
  const window = (g.inChannels / g.groups) * g.kernelHeight * g.kernelWidth;
  const flops = 2 * sizeOf([g.batch, g.outChannels, g.outHeight, g.outWidth]) * window;
  return { name: 'conv2dFused', kernel: convolutionKernels.conv2dFused, args: [...operands, ...rest], flops };
}

function preparation(node: GraphNode, w: number, kept: number, g: Conv2dGeometry): GraphNode {
  const args = [{ value: kept }, { value: w }, { literal: g }];
  const kernel = convolutionKernels.conv2dKeepFilters;
  return {
    op: 'prepareFilters',
    attributes: {},
    inputs: [w],
    outputs: [kept],
    roles: {},
    call: node.call,
    isView: false,
    kernels: [{ name: 'conv2dKeepFilters', kernel, args, flops: 0 }],
  };
}

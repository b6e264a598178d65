import type { Shape } from '../../../base/shape.js';
import type { Conv2dGeometry } from '../../../kernels/geometry.js';
import { add } from '../../../tensor/ops/math/add.js';
import { conv2d } from '../../../tensor/ops/nn/conv2d.js';
import { relu } from '../../../tensor/ops/nn/relu.js';
import { relu6 } from '../../../tensor/ops/nn/relu6.js';
import { reshape } from '../../../tensor/ops/shape/reshape.js';
import { slice } from '../../../tensor/ops/shape/slice.js';
import { scope, withoutTape } from '../../../tensor/scope.js';
import { Tensor } from '../../../tensor/tensor.js';
import type { ConvNode, Network } from './network.js';
import { runNode } from './runNode.js';

/** Hears of each value when it has been computed; what it returns takes the value's place, for those who read it. */
export type Visit = (value: number, tensor: Tensor) => Tensor | undefined;

/** Computes the network in float32 for one image x and returns the output's numbers. */
export function runFloat(network: Network, x: Tensor, visit: Visit = () => undefined): Float32Array {
  return withoutTape(() =>
    scope(() => {
      const tensors = new Map<number, Tensor>(network.tensors);
      const put = (value: number, tensor: Tensor): void => {
        tensors.set(value, visit(value, tensor) ?? tensor);
      };
      put(network.input, x);
      for (const node of network.nodes) {
        if (node.op === 'constant') continue;
        if (node.op === 'conv') put(node.output, runConv(network, node, tensors));
        else {
          runNode(node.source, tensors, (value) => network.shapes[value] ?? []);
          put(node.output, tensors.get(node.output) as Tensor);
        }
      }
      return Float32Array.from((tensors.get(network.output) as Tensor).floats);
    }),
  );
}

function runConv(network: Network, node: ConvNode, tensors: ReadonlyMap<number, Tensor>): Tensor {
  const [x, residual] = node.inputs.map((value) => tensors.get(value)) as [Tensor, Tensor | undefined];
  const { geometry, activation, weight, bias } = node;
  return convolve(geometry, activation, { x, weight, bias, residual, shape: network.shapes[node.output] ?? [] });
}

/** A convolution of one image with its residual and activation, in the shape of its output. */
export function convolve(
  g: Conv2dGeometry,
  activation: ConvNode['activation'],
  of: { x: Tensor; weight: Float32Array; bias: Float32Array; residual: Tensor | undefined; shape: Shape },
): Tensor {
  const x = reshape(of.x, [1, g.inChannels, g.inHeight, g.inWidth]);
  const w = Tensor.from(of.weight, [g.outChannels, g.inChannels / g.groups, g.kernelHeight, g.kernelWidth]);
  const b = Tensor.from(of.bias, [g.outChannels]);
  const more = (out: number, stride: number, kernel: number, dilation: number, size: number, pad: number): number =>
    Math.max(0, (out - 1) * stride + dilation * (kernel - 1) + 1 - size - pad);
  const bottom = more(g.outHeight, g.strideHeight, g.kernelHeight, g.dilationHeight, g.inHeight, g.padTop);
  const right = more(g.outWidth, g.strideWidth, g.kernelWidth, g.dilationWidth, g.inWidth, g.padLeft);
  let y = conv2d(x, w, b, {
    stride: [g.strideHeight, g.strideWidth],
    padding: [g.padTop, right, bottom, g.padLeft],
    dilation: [g.dilationHeight, g.dilationWidth],
    groups: g.groups,
  });
  if (y.shape[2] !== g.outHeight) y = slice(y, 2, 0, g.outHeight);
  if (y.shape[3] !== g.outWidth) y = slice(y, 3, 0, g.outWidth);
  y = reshape(y, of.shape);
  if (of.residual !== undefined) y = add(y, of.residual);
  return activation === 'none' ? y : activation === 'relu' ? relu(y) : relu6(y);
}

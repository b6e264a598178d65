import type { GraphNode, KernelCall } from '../../../graph/node.js';
import type { Kernels } from '../../../kernels/tables.js';
import { add } from '../../../tensor/ops/math/add.js';
import { mul } from '../../../tensor/ops/math/mul.js';
import { relu } from '../../../tensor/ops/nn/relu.js';
import { concat } from '../../../tensor/ops/shape/concat.js';
import { reshape } from '../../../tensor/ops/shape/reshape.js';
import { Tensor } from '../../../tensor/tensor.js';
import type {
  IntegerNetwork,
  IntegerNode,
  IntegerPool,
  IntegerValue,
  Quantization,
} from '../integers/integerNetwork.js';
import { scaleAt } from '../integers/weights.js';
import { imageOf } from '../network/network.js';
import { convolve } from '../network/runFloat.js';
import { runNode } from '../network/runNode.js';
import { floatGeometry } from '../plan/calls.js';
import { poolWindows } from '../plan/poolWindows.js';

/** Computes a node of an integer network with numbers, before they are rounded. Tensors belong to the current scope. */
export function simulateNode(
  network: IntegerNetwork,
  node: IntegerNode,
  of: (value: number) => Tensor,
  kernels: Kernels,
): Tensor {
  const inputs = node.x.map(of);
  const [x, other] = inputs as [Tensor, Tensor];
  const to = network.values[node.y] as IntegerValue;
  switch (node.op) {
    case 'quantize':
    case 'dequantize':
      return x;
    case 'view':
      return reshape(x, to.shape);
    case 'constant':
      return Tensor.from(numbersOf(node.data, to.bytes as Quantization), to.shape);
    case 'conv':
    case 'floatConv': {
      const { shape, bytes } = network.values[node.x[0] as number] as IntegerValue;
      const geometry = floatGeometry(node.window, shape, to.shape);
      const [weight, bias] = node.op === 'conv' ? decoded(node, bytes as Quantization) : [node.weight, node.bias];
      return convolve(geometry, node.activation, { x, weight, bias, residual: other, shape: to.shape });
    }
    case 'add':
      return node.relu ? relu(add(x, other)) : add(x, other);
    case 'scale':
      return mul(x, other);
    case 'concat':
      return concat(inputs, 1);
    case 'maxPool':
    case 'avgPool':
      return Tensor.from(pooled(node, x, to.shape), to.shape);
    case 'lookup': {
      const from = network.values[node.x[0] as number]?.bytes as Quantization;
      const found = Int8Array.from(
        x.floats,
        (v) => node.table[(Math.round(v / from.scale) + from.zero) & 255] as number,
      );
      return Tensor.from(numbersOf(found, to.bytes as Quantization), to.shape);
    }
    case 'float':
      return floatOperation(network, node, of, kernels);
  }
}

function numbersOf(bytes: Int8Array, { scale, zero }: Quantization): Float32Array {
  return Float32Array.from(bytes, (v) => scale * (v - zero));
}

function decoded(
  { weight, bias, scales }: Extract<IntegerNode, { op: 'conv' }>,
  x: Quantization,
): [Float32Array, Float32Array] {
  const perOutput = weight.length / bias.length;
  const weights = Float32Array.from(weight, (w, i) => w * scaleAt(scales, Math.floor(i / perOutput)));
  return [weights, Float32Array.from(bias, (b, o) => b * x.scale * scaleAt(scales, o))];
}

function pooled(node: IntegerPool, x: Tensor, shape: readonly number[]): Float32Array {
  type Image = NonNullable<ReturnType<typeof imageOf>>;
  const [from, to] = [imageOf(x.shape), imageOf(shape)] as [Image, Image];
  const windows = poolWindows(node, from, to);
  const { floats } = x;
  const y = new Float32Array(to.channels * to.height * to.width);
  for (let i = 0; i < y.length; i++) {
    const [q, p] = [i % to.width, Math.floor(i / to.width) % to.height];
    const c = Math.floor(i / (to.width * to.height));
    const [top, bottom, rows] = windows.subarray(3 * p) as unknown as [number, number, number];
    const [left, right, columns] = windows.subarray(3 * (to.height + q)) as unknown as [number, number, number];
    let sum = node.op === 'maxPool' ? Number.NEGATIVE_INFINITY : 0;
    for (let h = top; h < bottom; h++) {
      for (let w = left; w < right; w++) {
        const v = floats[(c * from.height + h) * from.width + w] as number;
        sum = node.op === 'maxPool' ? Math.max(sum, v) : sum + v;
      }
    }
    y[i] = node.op === 'maxPool' ? sum : sum / (rows * columns);
  }
  return y;
}

/** An operation that stays in float runs by the same kernels. */
function floatOperation(
  { values }: IntegerNetwork,
  node: Extract<IntegerNode, { op: 'float' }>,
  of: (value: number) => Tensor,
  kernels: Kernels,
): Tensor {
  const tensors = new Map(node.x.map((value) => [value, of(value)]));
  for (const [id, { shape, data }] of node.weights) tensors.set(id, Tensor.from(data, shape));
  const calls = node.calls.map((call): KernelCall => {
    const kernel = Reflect.get(kernels, call.name) as (...args: never[]) => unknown;
    return { ...call, kernel, flops: 0 };
  });
  const source: GraphNode = {
    ...{ op: node.source, attributes: {}, inputs: node.x, outputs: [node.y, ...node.inner], roles: {}, call: -1 },
    ...{ isView: false, kernels: calls },
  };
  runNode(source, tensors, (value) => values[value]?.shape ?? []);
  return tensors.get(node.y) as Tensor;
}

import { ArgumentError } from '../../../base/errors.js';
import type { Shape } from '../../../base/shape.js';
import type { GraphNode, KernelArgument } from '../../../graph/node.js';
import type { Network } from '../network/network.js';
import type { FloatCall } from './integerNetwork.js';

/** The kernel calls of an operation, with the ids of values replaced by `idOf`, and the weights that they read. */
export function floatCalls(
  node: GraphNode,
  network: Network,
  idOf: (value: number) => number,
): {
  calls: FloatCall[];
  inner: number[];
  weights: Map<number, { shape: Shape; data: Float32Array }>;
} {
  const inner = new Set<number>();
  const weights = new Map<number, { shape: Shape; data: Float32Array }>();
  const calls = node.kernels.map((call): FloatCall => {
    if (!('args' in call)) {
      throw new ArgumentError(
        `quantize: ${node.op} computes in JavaScript of its own, which a quantized model can't keep. Put it behind the model, or write it with the library's operations.`,
      );
    }
    const args = call.args.map((arg): KernelArgument => {
      if (!('value' in arg)) return arg;
      const id = idOf(arg.value);
      const tensor = network.tensors.get(arg.value);
      if (tensor !== undefined) weights.set(id, { shape: tensor.shape, data: Float32Array.from(tensor.floats) });
      else if (arg.value !== node.outputs[0] && node.outputs.includes(arg.value)) inner.add(id);
      return { value: id };
    });
    return { name: call.name, args };
  });
  return { calls, inner: [...inner], weights };
}

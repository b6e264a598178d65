import { ArgumentError, ShapeError } from '../../../base/errors.js';
import { formatShape, sameShape, sizeOf } from '../../../base/shape.js';
import { Module } from '../../../layers/module.js';
import { roundHalfEven } from '../../../onnx/ops/quantize.js';
import { runHostKernel } from '../../../tensor/hostKernel.js';
import { scope, withoutTape } from '../../../tensor/scope.js';
import { Tensor } from '../../../tensor/tensor.js';
import type { IntegerNetwork, IntegerValue, Quantization } from '../integers/integerNetwork.js';
import { kernelsOf } from '../plan/integerPlan.js';
import { QuantizedModel } from '../quantizedModel.js';
import { simulateNode } from './simulateNode.js';

/**
 * A quantized model in float32 arithmetic: the same weights and the same rounding of each activation, but sums of floats instead of integers. It is
 * slow, and there to check the integers against.
 *
 * Given the same inputs, each byte of each layer is at most one step away from this simulation: sums that lie between two bytes may be rounded either
 * way (`simulationError` measures it). From layer to layer such differences spread, as any rounding does.
 *
 * Throws `ArgumentError` for another model.
 *
 * Source: Jacob et al. 2017 (arXiv:1712.05877), section 3.
 *
 * @example
 * const simulated = simulateQuantized(quantized);
 * simulated.predict(x); // logits, close to those of quantized.predict(x)
 */
export function simulateQuantized(quantized: QuantizedModel): Module {
  return new SimulatedModel(networkOf('simulateQuantized', quantized));
}

/** @internal The network of a quantized model. */
export function networkOf(title: string, quantized: QuantizedModel): IntegerNetwork {
  if (quantized instanceof QuantizedModel) return quantized.network;
  throw new ArgumentError(
    `${title}: the model is ${String(quantized)}, but must be a QuantizedModel, which quantize makes.`,
  );
}

class SimulatedModel extends Module {
  readonly #network: IntegerNetwork;

  constructor(network: IntegerNetwork) {
    super();
    this.#network = network;
    this.training = false;
  }

  override forward(x: Tensor): Tensor {
    const { values, input, output } = this.#network;
    const [own, given] = [input, output].map((value) => (values[value] as IntegerValue).shape) as [number[], number[]];
    if (!sameShape(x.shape.slice(1), own.slice(1))) {
      throw new ShapeError(
        `simulateQuantized: x has shape ${formatShape(x.shape)}, but the model was quantized for images of [N, ${own.slice(1).join(', ')}].`,
      );
    }
    const y = Tensor.empty('simulateQuantized', [x.shape[0] as number, ...given.slice(1)]);
    const [inputs, outputs] = [sizeOf(own), sizeOf(given)];
    runHostKernel('simulateQuantized', [y], [x], ([to], [from]) => {
      for (let i = 0; i < (x.shape[0] as number); i++) {
        (to as Float32Array).set(this.#run((from as Float32Array).slice(i * inputs, (i + 1) * inputs)), i * outputs);
      }
    });
    return y;
  }

  override predict(x: Tensor): Tensor {
    return withoutTape(() => scope(() => this.forward(x)));
  }

  #run(image: Float32Array): Float32Array {
    const { values, nodes, input, output } = this.#network;
    const kernels = kernelsOf();
    return scope(() => {
      const tensors = new Map([[input, Tensor.from(image, values[input]?.shape ?? [])]]);
      for (const node of nodes) {
        const y = simulateNode(this.#network, node, (value) => tensors.get(value) as Tensor, kernels);
        const { bytes } = values[node.y] as IntegerValue;
        tensors.set(node.y, bytes === undefined ? y : Tensor.from(rounded(y.floats, bytes), y.shape));
      }
      return Float32Array.from((tensors.get(output) as Tensor).floats);
    });
  }
}

/** The byte that a number becomes. */
export function byteOf(v: number, { scale, zero, low }: Quantization): number {
  return Math.min(Math.max(roundHalfEven(v / scale) + zero, low), 127);
}

function rounded(numbers: Float32Array, bytes: Quantization): Float32Array {
  return Float32Array.from(numbers, (v) => bytes.scale * (byteOf(v, bytes) - bytes.zero));
}

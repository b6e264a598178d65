import { sizeOf } from '../../../base/shape.js';
import { scope, withoutTape } from '../../../tensor/scope.js';
import { Tensor } from '../../../tensor/tensor.js';
import type { IntegerNode, IntegerValue } from '../integers/integerNetwork.js';
import { IntegerPlan, kernelsOf } from '../plan/integerPlan.js';
import type { QuantizedModel } from '../quantizedModel.js';
import { simulateNode } from './simulateNode.js';
import { byteOf, networkOf, simulateQuantized } from './simulateQuantized.js';

/** How far integers are from the simulation in float32. */
export interface SimulationError {
  /** The largest distance of a byte from the rounded float32 result of its layer, which is given the same bytes. */
  readonly steps: number;
  /** The share of bytes that are one step or more away. */
  readonly share: number;
  /** The distance of all outputs from those of `simulateQuantized`, relative to their length: differences of all layers together. */
  readonly output: number;
}

/**
 * Compares a quantized model with its simulation in float32 on images x, layer by layer and as a whole.
 *
 * Shapes: x [N, C, H, W] of `quantized.inputShape` but for N. Throws what `simulateQuantized` throws.
 *
 * @example
 * simulationError(quantized, x); // { steps: 1, share: 0.0001, output: 0.002 }
 */
export function simulationError(quantized: QuantizedModel, x: Tensor): SimulationError {
  const network = networkOf('simulationError', quantized);
  const simulated = simulateQuantized(quantized).predict(x);
  const found = quantized.predict(x);
  const size = sizeOf(quantized.inputShape);
  const plan = new IntegerPlan(network);
  const kernels = kernelsOf();
  let [steps, away, bytes] = [0, 0, 0];
  const seen = new Map<number, Float32Array>();
  const compare = (node: IntegerNode): void => {
    const of = (value: number): Tensor => Tensor.from(seen.get(value) as Float32Array, shapeOf(value));
    const { bytes: to } = network.values[node.y] as IntegerValue;
    const own = plan.read(node.y);
    seen.set(node.y, own);
    if (to === undefined) return;
    const exact = scope(() => Float32Array.from(simulateNode(network, node, of, kernels).floats));
    bytes += own.length;
    for (let i = 0; i < own.length; i++) {
      const distance = Math.abs(Math.round((own[i] as number) / to.scale) + to.zero - byteOf(exact[i] as number, to));
      if (distance > steps) steps = distance;
      if (distance > 0) away++;
    }
  };
  const shapeOf = (value: number) => network.values[value]?.shape ?? [];
  try {
    withoutTape(() => {
      const y = new Float32Array(plan.outputSize);
      for (let at = 0; at < x.size; at += size) {
        const image = x.floats.slice(at, at + size);
        seen.set(network.input, image);
        plan.run(y, image, compare);
      }
    });
  } finally {
    plan.release();
  }
  const output = relativeDistance(found.floats, simulated.floats);
  found.dispose();
  simulated.dispose();
  return { steps, share: away / bytes, output };
}

function relativeDistance(a: Float32Array, b: Float32Array): number {
  let [error, signal] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    error += ((a[i] as number) - (b[i] as number)) ** 2;
    signal += (b[i] as number) ** 2;
  }
  return error === 0 ? 0 : Math.sqrt(error / signal);
}

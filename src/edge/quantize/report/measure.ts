import type { Shape } from '../../../base/shape.js';
import type { Module } from '../../../layers/module.js';
import { scope } from '../../../tensor/scope.js';
import { Tensor } from '../../../tensor/tensor.js';
import type { IntegerNetwork, IntegerNode } from '../integers/integerNetwork.js';
import type { Network } from '../network/network.js';
import { runFloat } from '../network/runFloat.js';
import type { IntegerPlan } from '../plan/integerPlan.js';
import type { LayerError } from './numbers.js';

/** How far the integers of each layer are from the numbers of the float network, over some images. */
export function layerErrors(
  network: Network,
  plan: IntegerPlan,
  origins: ReadonlyMap<number, number>,
  shape: Shape,
  images: readonly Float32Array[],
): LayerError[] {
  const sums = new Map<IntegerNode, { error: number; signal: number }>();
  const y = new Float32Array(plan.outputSize);
  const wanted = new Set(origins.values());
  for (const image of images) {
    const numbers = new Map<number, Float32Array>();
    scope(() =>
      runFloat(network, Tensor.from(image, shape), (value, tensor) => {
        if (wanted.has(value)) numbers.set(value, Float32Array.from(tensor.floats));
        return undefined;
      }),
    );
    plan.run(y, image, (node) => {
      const value = origins.get(node.y);
      const exact = value === undefined ? undefined : numbers.get(value);
      if (exact === undefined) return;
      const found = plan.read(node.y);
      const sum = sums.get(node) ?? { error: 0, signal: 0 };
      for (let i = 0; i < exact.length; i++) {
        sum.error += ((found[i] as number) - (exact[i] as number)) ** 2;
        sum.signal += (exact[i] as number) ** 2;
      }
      sums.set(node, sum);
    });
  }
  return [...sums].map(([node, { error, signal }]) => ({
    name: node.name,
    operation: node.op,
    value: node.y,
    error: signal === 0 ? 0 : Math.sqrt(error / signal),
  }));
}

/** The names of so many convolutions that add most to the error of what they read. */
export function worstLayers(network: IntegerNetwork, errors: readonly LayerError[], count: number): string[] {
  const of = new Map(errors.map(({ value, error }) => [value, error]));
  const added = network.nodes
    .filter((node) => node.op === 'conv')
    .map(({ name, x, y }) => ({ name, added: (of.get(y) ?? 0) - Math.max(...x.map((value) => of.get(value) ?? 0)) }));
  return added
    .toSorted((a, b) => b.added - a.added)
    .slice(0, count)
    .map(({ name }) => name);
}

/** Bytes of a model's weights in float32. */
export function floatBytes(model: Module): number {
  let bytes = 0;
  for (const [, tensor] of model.namedTensors()) bytes += 4 * tensor.size;
  return bytes;
}

/** How many labels were the best answer, and among the best five. */
export interface Hits {
  top1: number;
  top5: number;
}

/** Counts labels among the largest logits; the first of equal ones is the larger. */
export function countHits(logits: readonly Float32Array[], labels: readonly number[]): Hits {
  const hits = { top1: 0, top5: 0 };
  for (const [i, row] of logits.entries()) {
    const label = labels[i] as number;
    const own = row[label] as number;
    let larger = 0;
    for (let k = 0; k < row.length; k++) {
      const other = row[k] as number;
      if (k !== label && !(k < label ? other < own : other <= own)) larger++;
    }
    if (larger < 1) hits.top1++;
    if (larger < 5) hits.top5++;
  }
  return hits;
}

/** The class with the largest logit. */
export function bestClass(row: Float32Array): number {
  let best = 0;
  for (let k = 1; k < row.length; k++) if ((row[k] as number) > (row[best] as number)) best = k;
  return best;
}

/** Milliseconds of one call: the least of several, after two that warm up. */
export function timed(call: () => void, most = 300): number {
  call();
  call();
  let least = Number.POSITIVE_INFINITY;
  const begin = performance.now();
  for (let turn = 0; turn < 30 && performance.now() - begin < most; turn++) {
    const start = performance.now();
    call();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** Bytes of weights, biases and scales of the two models. */
export function weightBytes(network: IntegerNetwork): number {
  let bytes = 0;
  for (const node of network.nodes) {
    if (node.op === 'conv') bytes += node.weight.byteLength + node.bias.byteLength + node.scales.byteLength;
    else if (node.op === 'floatConv') bytes += node.weight.byteLength + node.bias.byteLength;
    else if (node.op === 'lookup') bytes += node.table.byteLength;
    else if (node.op === 'constant') bytes += node.data.byteLength;
    else if (node.op === 'float') for (const { data } of node.weights.values()) bytes += data.byteLength;
  }
  return bytes;
}

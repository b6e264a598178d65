import { ArgumentError, NonFiniteError } from '../../base/errors.js';
import { sizeOf } from '../../base/shape.js';
import type { Graph } from '../../graph/index.js';
import type { Module } from '../../layers/module.js';
import { withMode } from '../../layers/withMode.js';
import { Parameter } from '../../tensor/parameter.js';
import { withTape } from '../../tensor/tape.js';
import { classificationLoss, type LabeledBatch, type Loss } from '../../train/index.js';
import type { ChannelGroup, Channels, Place } from './channelGroups.js';
import { numbers, type Scores, scoresOf } from './criterion.js';

/**
 * Scores by how much the loss would change, to first order, if a channel were zero: the square of the sum of gradient times weight over its batch
 * norms (over its filters where it has none), summed over batches. The model runs in evaluation mode; its gradients are left at zero.
 *
 * Source: Molchanov et al. 2019 (arXiv:1906.10771), equation 8, with gates behind batch norms as in section 4.
 */
export function taylorScores(
  channels: Channels,
  model: Module,
  data: Iterable<LabeledBatch>,
  loss: Loss = classificationLoss,
): Scores {
  const { graph } = channels;
  const totals = scoresOf(channels, () => 0);
  const gatesOf = gateFinder(graph);
  const frozen = [...model.parameters()].filter((p) => !p.requiresGrad);
  let batches = 0;
  try {
    for (const p of frozen) p.requiresGrad = true;
    for (const { x, labels } of data) {
      model.zeroGrad();
      withMode(model, 'eval', () =>
        withTape((tape) => {
          const value = loss(model.forward(x), labels);
          if (!Number.isFinite(value.item())) {
            throw new NonFiniteError(
              `prune: the loss of batch ${batches + 1} is ${value.item()}. Check the data and the weights.`,
            );
          }
          tape.backward(value);
        }),
      );
      const products = new Map<string, Float64Array>();
      for (const [group, total] of totals) {
        let sum = 0;
        for (const place of gatesOf(group)) {
          const each = productsOf(graph, place, products);
          for (const i of place.indices) sum += each[i];
        }
        totals.set(group, total + sum * sum);
      }
      batches++;
    }
  } finally {
    for (const p of frozen) p.requiresGrad = false;
    model.zeroGrad();
  }
  if (batches === 0)
    throw new ArgumentError('prune: data gave no batch, but the criterion is taylor, which needs some.');
  return totals;
}

/** The scales and shifts of a channel's batch norms, or its filters and their biases. */
function gateFinder(graph: Graph): (group: ChannelGroup) => readonly Place[] {
  const vectors = new Set(
    graph.nodes.flatMap(({ op, roles }) => (/^batchNorm/.test(op) ? [roles.weight, roles.bias] : [])),
  );
  const biases = new Set(
    graph.nodes.flatMap(({ op, inputs }) => (op === 'conv2d' || op === 'linear' ? [inputs[2]] : [])),
  );
  return ({ places, filters }) => {
    const norms = places.filter(({ value }) => vectors.has(value));
    return norms.length > 0 ? norms : [...filters, ...places.filter(({ value }) => biases.has(value))];
  };
}

/** Gradient times weight, summed for each index along the axis of a place. */
function productsOf(graph: Graph, { value, axis }: Place, known: Map<string, Float64Array>): Float64Array {
  const key = `${value}:${axis}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const shape = graph.shapeOf(value);
  const inner = sizeOf(shape.slice(axis + 1));
  const sums = new Float64Array(shape[axis]);
  const tensor = graph.tensors.get(value);
  const gradient = tensor instanceof Parameter ? tensor.grad?.data : undefined;
  if (gradient !== undefined) {
    const weights = numbers(graph, value);
    for (let i = 0; i < weights.length; i++) sums[Math.floor(i / inner) % shape[axis]] += weights[i] * gradient[i];
  }
  known.set(key, sums);
  return sums;
}

import { ArgumentError } from '../base/errors.js';
import type { Module } from '../layers/module.js';
import { symmetricEigen } from '../layers/symmetricEigen.js';
import { withMode } from '../layers/withMode.js';
import { crossEntropy } from '../tensor/ops/loss/crossEntropy.js';
import { sum } from '../tensor/ops/math/sum.js';
import { withTape } from '../tensor/tape.js';
import { Tensor } from '../tensor/tensor.js';

/**
 * SynFlow: the sum of |parameter * gradient| over all parameters, where all are made positive, the image is ones and the gradient is that of the sum
 * of the logits. No data is needed. Batch norm runs in evaluation mode, with the statistics that it has. Given as a logarithm, since it has hundreds
 * of digits for deep networks.
 *
 * Shapes: `inputShape` is [C, H, W].
 *
 * Source: Tanaka et al. 2020, "Pruning neural networks without any data by iteratively conserving synaptic flow" (arXiv:2006.05467), as a score of
 * networks by Abdelfattah et al. 2021 (arXiv:2101.08134).
 */
export function synflowScore(model: Module, inputShape: readonly number[]): number {
  const parameters = [...model.parameters()];
  const saved = parameters.map(({ data }) => data.slice());
  try {
    for (const { data } of parameters) for (let i = 0; i < data.length; i++) data[i] = Math.abs(data[i]);
    return withMode(model, 'eval', () =>
      withTape((tape) => {
        const y = sum(model.forward(Tensor.ones([1, ...inputShape])));
        const gradients = tape.gradient(y, parameters);
        let score = 0;
        gradients.forEach((gradient, k) => {
          const [g, p] = [gradient.data, parameters[k].data];
          for (let i = 0; i < g.length; i++) score += Math.abs(g[i] * p[i]);
        });
        return Math.log(score);
      }),
    );
  } finally {
    for (const [k, { data }] of parameters.entries()) data.set(saved[k]);
  }
}

/**
 * The norm of the gradient of the loss with respect to all parameters, on one batch: sqrt(sum of squares).
 *
 * Shapes: x [N, C, H, W], a label per image.
 *
 * Source: Abdelfattah et al. 2021, "Zero-cost proxies for lightweight NAS" (arXiv:2101.08134), section 3.
 */
export function gradientNormScore(model: Module, x: Tensor, labels: ArrayLike<number>): number {
  return withStatisticsKept(model, () =>
    withTape((tape) => {
      const loss = crossEntropy(model.forward(x), labels);
      let squares = 0;
      for (const { data } of tape.gradient(loss, model.parameters())) for (const g of data) squares += g * g;
      return Math.sqrt(squares);
    }),
  );
}

/**
 * Jacobian covariance: how differently the network reacts to different images. Of the gradients of the summed logits with respect to each image, the
 * correlation matrix has the eigenvalues v; the score is -sum(log(v + k) + 1 / (v + k)) with k = 1e-5. It is largest when no two images are alike.
 *
 * Shapes: x [N, C, H, W] with at least 2 images.
 *
 * Source: Mellor et al. 2020, "Neural architecture search without training" (arXiv:2006.04647v1), section 3.
 */
export function jacobianCovarianceScore(model: Module, x: Tensor): number {
  const count = x.shape[0];
  if (count < 2) throw new ArgumentError(`jacobianCovarianceScore: x has ${count} image, but needs 2 or more.`);
  const jacobian = withStatisticsKept(model, () =>
    withTape((tape) => tape.gradient(sum(model.forward(x)), [x])[0].data.slice()),
  );
  const { values } = symmetricEigen(correlation(jacobian, count), count);
  let score = 0;
  for (const value of values) {
    const v = Math.max(0, value) + 1e-5;
    score -= Math.log(v) + 1 / v;
  }
  return score;
}

/** Pearson's correlation of the rows of a matrix. Rows that don't vary correlate with nothing but themselves. */
function correlation(rows: Float32Array, count: number): Float64Array {
  const length = rows.length / count;
  const centered = new Float64Array(rows.length);
  for (let i = 0; i < count; i++) {
    let mean = 0;
    for (let k = 0; k < length; k++) mean += rows[i * length + k] / length;
    let squares = 0;
    for (let k = 0; k < length; k++) squares += (centered[i * length + k] = rows[i * length + k] - mean) ** 2;
    const norm = Math.sqrt(squares) || 1;
    for (let k = 0; k < length; k++) centered[i * length + k] /= norm;
  }
  const matrix = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let dot = i === j ? 1 : 0;
      if (i !== j) for (let k = 0; k < length; k++) dot += centered[i * length + k] * centered[j * length + k];
      matrix[i * count + j] = matrix[j * count + i] = dot;
    }
  }
  return matrix;
}

/** Runs `fn` in training mode and puts the running statistics of batch norms back afterwards. */
function withStatisticsKept<T>(model: Module, fn: () => T): T {
  const buffers = [...model.namedBuffers()].map(([, buffer]) => buffer);
  const saved = buffers.map(({ data }) => data.slice());
  try {
    return withMode(model, 'train', fn);
  } finally {
    for (const [k, { data }] of buffers.entries()) data.set(saved[k]);
  }
}

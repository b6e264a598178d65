import { binaryCrossEntropyWithLogits } from '../../tensor/ops/loss/binaryCrossEntropyWithLogits.js';
import { crossEntropy } from '../../tensor/ops/loss/crossEntropy.js';
import { mul } from '../../tensor/ops/math/mul.js';
import { linear } from '../../tensor/ops/nn/linear.js';
import { Parameter } from '../../tensor/parameter.js';
import { withTape } from '../../tensor/tape.js';
import { Tensor } from '../../tensor/tensor.js';
import { minimize } from './lbfgs.js';

/** Rows of features with what they should give: [N, F] row by row. */
export interface Samples {
  readonly features: Float32Array;
  readonly width: number;
  /** N class numbers, or N * K answers of 0 or 1. */
  readonly targets: Int32Array;
}

/** A linear layer: weight [K, F] and bias [K]. */
export interface LinearWeights {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** Features that hardly vary are not blown up to variance 1: their deviation counts as at least this share of the mean deviation. */
const LEAST_DEVIATION = 0.05;

/**
 * Logistic regression: the linear layer with the least mean cross-entropy plus l2 / 2 times the squares of its weights, for features brought to
 * mean 0 and variance 1. With answers of 0 and 1, each output is a regression of its own, and their losses are added up. The layer that is
 * returned takes features as they are.
 *
 * Shapes: features [N, F] -> weight [K, F], bias [K].
 */
export function fitLinearHead(samples: Samples, classes: number, l2: number): LinearWeights {
  const { features, width, targets } = samples;
  const rows = features.length / width;
  const { mean, deviation } = momentsOf(features, width);
  const scaled = features.map((v, i) => (v - mean[i % width]) / deviation[i % width]);
  const x = Tensor.from(scaled, [rows, width]);
  const w = new Parameter(new Float32Array(classes * width), [classes, width]);
  const b = new Parameter(new Float32Array(classes), [classes]);
  const parameters = new Float64Array(classes * (width + 1));
  minimize(
    (at, gradient) => {
      w.dataToOverwrite.set(at.subarray(0, classes * width));
      b.dataToOverwrite.set(at.subarray(classes * width));
      return withTape((tape) => {
        const loss = lossOf(linear(x, w, b), targets);
        const [dw, db] = tape.gradient(loss, [w, b]);
        gradient.set(dw.data);
        gradient.set(db.data, classes * width);
        let squares = 0;
        for (let i = 0; i < classes * width; i++) {
          squares += at[i] * at[i];
          gradient[i] += l2 * at[i];
        }
        return loss.item() + (l2 / 2) * squares;
      });
    },
    parameters,
    { iterations: 200, tolerance: 1e-5 },
  );
  const weight = Float32Array.from({ length: classes * width }, (_, i) => parameters[i] / deviation[i % width]);
  const bias = Float32Array.from({ length: classes }, (_, k) => {
    let sum = parameters[classes * width + k];
    for (let j = 0; j < width; j++) sum -= weight[k * width + j] * mean[j];
    return sum;
  });
  for (const tensor of [x, w, b]) tensor.dispose();
  return { weight, bias };
}

function lossOf(logits: Tensor, targets: Int32Array): Tensor {
  if (targets.length !== logits.size) return crossEntropy(logits, targets);
  const answers = Tensor.from(Float32Array.from(targets), logits.shape);
  // Its mean is over all answers.
  return mul(binaryCrossEntropyWithLogits(logits, answers), logits.shape[1]);
}

/** Logits [N, K] of a linear layer, row by row. */
export function headLogits({ weight, bias }: LinearWeights, features: Float32Array, width: number): Float32Array {
  const rows = features.length / width;
  const classes = bias.length;
  const logits = new Float32Array(rows * classes);
  for (let n = 0; n < rows; n++) {
    for (let k = 0; k < classes; k++) {
      let sum = bias[k];
      for (let j = 0; j < width; j++) sum += weight[k * width + j] * features[n * width + j];
      logits[n * classes + k] = sum;
    }
  }
  return logits;
}

function momentsOf(features: Float32Array, width: number): { mean: Float64Array; deviation: Float64Array } {
  const rows = features.length / width;
  const mean = new Float64Array(width);
  const deviation = new Float64Array(width);
  for (let i = 0; i < features.length; i++) mean[i % width] += features[i] / rows;
  for (let i = 0; i < features.length; i++) deviation[i % width] += (features[i] - mean[i % width]) ** 2 / rows;
  for (let j = 0; j < width; j++) deviation[j] = Math.sqrt(deviation[j]);
  const least = (LEAST_DEVIATION * deviation.reduce((a, b) => a + b, 0)) / width || 1;
  return { mean, deviation: deviation.map((d) => Math.max(d, least)) };
}

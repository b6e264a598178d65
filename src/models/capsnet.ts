import { checkWhole } from '../base/check.js';
import { ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { Conv2d } from '../layers/conv2d.js';
import type { Headless } from '../layers/head.js';
import { normal } from '../layers/init.js';
import { Linear } from '../layers/linear.js';
import { Module } from '../layers/module.js';
import { ReLU } from '../layers/relu.js';
import { Sequential } from '../layers/sequential.js';
import { Sigmoid } from '../layers/sigmoid.js';
import { type Labels, oneHot } from '../tensor/ops/loss/labels.js';
import { marginLoss } from '../tensor/ops/loss/marginLoss.js';
import { add } from '../tensor/ops/math/add.js';
import { argmax } from '../tensor/ops/math/argmax.js';
import { div } from '../tensor/ops/math/div.js';
import { matmul } from '../tensor/ops/math/matmul.js';
import { mul } from '../tensor/ops/math/mul.js';
import { sqrt } from '../tensor/ops/math/sqrt.js';
import { square } from '../tensor/ops/math/square.js';
import { sub } from '../tensor/ops/math/sub.js';
import { sum } from '../tensor/ops/math/sum.js';
import { relu } from '../tensor/ops/nn/relu.js';
import { softmax } from '../tensor/ops/nn/softmax.js';
import { flatten } from '../tensor/ops/shape/flatten.js';
import { permute } from '../tensor/ops/shape/permute.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { Parameter } from '../tensor/parameter.js';
import { Tensor } from '../tensor/tensor.js';
import { expectImages, scaleWidth } from './input.js';
import { type ModelOptions, modelOptions } from './options.js';

/** Options of `CapsNet`. */
export interface CapsNetOptions extends ModelOptions {
  /** Height and width of the images, which the network is made for. Default 28. */
  imageSize?: number | undefined;
  /** Rounds of routing. Default 3. */
  routings?: number | undefined;
}

/** Added under roots, so that the gradient of a vector's length is finite where the vector is zero. */
const tiny = 1e-9;

/** Numbers in a primary capsule, and in a capsule of a class. */
const [primarySize, classSize] = [8, 16];

/**
 * Makes a vector's length a probability, and keeps its direction: v = |s|^2 / (1 + |s|^2) * s / |s|.
 *
 * Shapes: s [..., D] -> the same; the vectors lie along the last axis.
 *
 * Source: Sabour et al. 2017, equation 1.
 *
 * @example
 * squash(Tensor.from([[3, 4]])).toArray(); // [[0.577, 0.769]]: length 5 becomes 25 / 26
 */
export function squash(s: Tensor): Tensor {
  const squared = sum(square(s), -1, { keepDims: true });
  return mul(s, div(sqrt(add(squared, tiny)), add(squared, 1)));
}

/**
 * Capsules fed by the capsules below them, which vote on what each should be; votes that agree come to count more.
 *
 * votes[n,j,i] = x[n,i] W[i,j], c = softmax over j of b, v[n,j] = squash(sum over i of c[n,j,i] votes[n,j,i]), and b[n,j,i] grows by
 * the product of v[n,j] and votes[n,j,i] from round to round. Gradients pass through all rounds.
 *
 * Shapes: x [N, inCapsules, inSize] -> v [N, capsules, size]; weight [inCapsules, inSize, capsules * size].
 *
 * Source: Sabour et al. 2017, procedure 1.
 */
export class RoutedCapsules extends Module {
  /** The votes' matrices [inCapsules, inSize, capsules * size]. */
  readonly weight: Parameter;

  constructor(
    /** How many capsules vote. */
    readonly inCapsules: number,
    /** The length of a voting capsule's vector. */
    readonly inSize: number,
    /** How many capsules there are in this layer. */
    readonly capsules: number,
    /** The length of their vectors. */
    readonly size: number,
    /** Rounds of routing. */
    readonly routings = 3,
  ) {
    super();
    checkWhole('RoutedCapsules', 'routings', routings, 1);
    const shape = [inCapsules, inSize, capsules * size];
    this.weight = normal(new Parameter(null, shape), 0, 0.1);
  }

  forward(x: Tensor): Tensor {
    const { inCapsules, capsules, size } = this;
    const n = x.shape[0];
    const rows = permute(x, [1, 0, 2]); // [I, N, E]
    const products = matmul(rows, this.weight); // [I, N, M]
    const votes = permute(reshape(products, [inCapsules, n, capsules, size]), [1, 2, 0, 3]); // [N, J, I, D]
    let b = Tensor.zeros([n, capsules, 1, inCapsules]); // [N, J, 1, I]
    for (let round = 1; ; round++) {
      const c = softmax(b, 1); // [N, J, 1, I]
      const v = squash(matmul(c, votes)); // [N, J, 1, D]
      if (round === this.routings) return reshape(v, [n, capsules, size]); // [N, J, D]
      const agreement = matmul(votes, reshape(v, [n, capsules, size, 1])); // [N, J, I, 1]
      b = add(b, reshape(agreement, b.shape)); // [N, J, 1, I]
    }
  }

  protected override describe(): string {
    const { inCapsules, inSize, capsules, size, routings } = this;
    return `${inCapsules} x ${inSize}, ${capsules} x ${size}, routings=${routings}`;
  }
}

/**
 * The capsule network for MNIST: two convolutions with 9x9 filters, capsules of 8 numbers, a routed capsule of 16 numbers for
 * each class, and a decoder that draws the image again from the capsule of its class.
 *
 * 8,215,568 parameters, of which the decoder has 1,411,344; at `imageSize: 36` 11,361,808.
 *
 * `forward` gives the lengths of the class capsules, between 0 and 1: the longest is the answer, and `marginLoss` trains them.
 * `trainingLoss` is the paper's whole loss, which trains the decoder too.
 *
 * Shapes: x [N, inChannels, imageSize, imageSize], imageSize at least 17, of values from 0 to 1 -> lengths [N, numClasses].
 *
 * Source: Sabour, Frosst and Hinton 2017, "Dynamic Routing Between Capsules" (arXiv:1710.09829), section 4 and figures 1 and 2.
 *
 * @example
 * const model = new CapsNet();
 * const loss = model.trainingLoss(batch.x, batch.labels);
 */
export class CapsNet extends Module implements Headless {
  /** Why `replaceHead` can't give this network other classes. */
  readonly headless =
    "CapsNet answers with the lengths of capsules, which no Linear or Conv2d gives. For other classes make a model with numClasses and copy the weights of 'conv1' and 'primary'; features(model, x, 'classes') gives the capsules.";
  readonly conv1: Conv2d;
  readonly primary: Conv2d;
  readonly classes: RoutedCapsules;
  readonly decoder: Sequential;
  /** Height and width of the images, in pixels. */
  readonly imageSize: number;

  constructor(options: CapsNetOptions = {}) {
    super();
    const { imageSize = 28, routings = 3 } = options;
    const name = 'capsnet_mnist';
    const common = { ...options, inChannels: options.inChannels ?? 1 };
    const { numClasses, inChannels, widthMultiplier } = modelOptions(name, common, ['imageSize', 'routings']);
    checkWhole(name, 'imageSize', imageSize, 17);
    const [width, types, hidden1, hidden2] = [256, 32, 512, 1024].map((w) => scaleWidth(w, widthMultiplier));
    // 28 -> 20 -> 6: two 9x9 filters, the second with stride 2.
    const grid = Math.floor((imageSize - 17) / 2) + 1;
    this.imageSize = imageSize;
    this.conv1 = new Conv2d(inChannels, width, 9);
    this.primary = new Conv2d(width, types * primarySize, 9, { stride: 2 });
    this.classes = new RoutedCapsules(types * grid * grid, primarySize, numClasses, classSize, routings);
    this.decoder = new Sequential(
      ...[new Linear(numClasses * classSize, hidden1), new ReLU()],
      ...[new Linear(hidden1, hidden2), new ReLU()],
      ...[new Linear(hidden2, inChannels * imageSize * imageSize), new Sigmoid()],
    );
  }

  forward(x: Tensor): Tensor {
    const v = this.capsules(x); // [N, 10, 16]
    return lengths(v); // [N, 10]
  }

  /** The capsules of the classes. Shapes: x [N, C, H, W] -> [N, numClasses, 16]. */
  capsules(x: Tensor): Tensor {
    const size = this.imageSize;
    expectImages('capsnet_mnist', x, this.conv1.inChannels, size);
    if (x.shape[2] !== size || x.shape[3] !== size) {
      throw new ShapeError(
        `capsnet_mnist: x ${formatShape(x.shape)} must have images of ${size}x${size} pixels, since each position has weights of its own. Pass imageSize to createModel.`,
      );
    }
    const h = relu(this.conv1.forward(x)); // [N, 256, 20, 20]
    let u = this.primary.forward(h); // [N, 256, 6, 6]
    u = reshape(u, [x.shape[0], -1, primarySize, u.shape[2] * u.shape[3]]); // [N, 32, 8, 36]
    u = reshape(permute(u, [0, 1, 3, 2]), [x.shape[0], -1, primarySize]); // [N, 1152, 8]
    return this.classes.forward(squash(u)); // [N, 10, 16]
  }

  /**
   * Images drawn from the capsule of the given class of each, or else from the longest; the other capsules are masked.
   *
   * Shapes: capsules [N, numClasses, 16] -> [N, inChannels, imageSize, imageSize], values from 0 to 1.
   */
  reconstruct(capsules: Tensor, labels: Labels = argmax(lengths(capsules))): Tensor {
    const [n, k] = capsules.shape;
    const mask = reshape(oneHot(labels, k), [n, k, 1]); // [N, 10, 1]
    const chosen = flatten(mul(capsules, mask)); // [N, 160]
    const pixels = this.decoder.forward(chosen); // [N, P]
    return reshape(pixels, [n, this.conv1.inChannels, this.imageSize, this.imageSize]); // [N, C, 28, 28]
  }

  /** The margin loss plus `weight` times the summed squared error of the images drawn again, the mean over the batch. */
  trainingLoss(x: Tensor, labels: Labels, weight = 0.0005): Tensor {
    const v = this.capsules(x); // [N, 10, 16]
    const error = sum(square(sub(this.reconstruct(v, labels), x)));
    return add(marginLoss(lengths(v), labels), mul(error, weight / x.shape[0]));
  }
}

/** Shapes: v [N, K, D] -> [N, K]. */
function lengths(v: Tensor): Tensor {
  return sqrt(add(sum(square(v), 2), tiny)); // [N, K]
}

/** CapsNet for 28x28 gray images. */
export const capsnet_mnist = (options?: CapsNetOptions): CapsNet => new CapsNet(options);

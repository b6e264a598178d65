import { normalizeAxis, sizeOf } from '../base/shape.js';
import { abs } from '../tensor/ops/math/abs.js';
import { add } from '../tensor/ops/math/add.js';
import { div } from '../tensor/ops/math/div.js';
import { matmul } from '../tensor/ops/math/matmul.js';
import { mean } from '../tensor/ops/math/mean.js';
import { mul } from '../tensor/ops/math/mul.js';
import { sqrt } from '../tensor/ops/math/sqrt.js';
import { square } from '../tensor/ops/math/square.js';
import { sub } from '../tensor/ops/math/sub.js';
import { sum } from '../tensor/ops/math/sum.js';
import { batchNorm2d } from '../tensor/ops/nn/batchNorm2d.js';
import { dropout } from '../tensor/ops/nn/dropout.js';
import { groupNorm } from '../tensor/ops/nn/groupNorm.js';
import { layerNorm } from '../tensor/ops/nn/layerNorm.js';
import { linear } from '../tensor/ops/nn/linear.js';
import { logSoftmax } from '../tensor/ops/nn/logSoftmax.js';
import { softmax } from '../tensor/ops/nn/softmax.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { transpose } from '../tensor/ops/shape/transpose.js';
import { Parameter } from '../tensor/parameter.js';
import { Tensor } from '../tensor/tensor.js';
import { everywhere } from './hostArrays.js';
import { tensorOf } from './importElementwise.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { where } from './ops/where.js';
import { numbersOf } from './values.js';

/** Products with weights, normalizations, and what training does differently. */
export const layers: Record<string, ImportOp> = {
  Gemm: (node) => {
    const [alpha, beta] = [node.float('alpha', 1), node.float('beta', 1)];
    const [transA, transB] = [node.int('transA', 0) === 1, node.int('transB', 0) === 1];
    return ([a, b, c]) => {
      const [x, w] = [tensorOf(node, a), tensorOf(node, b)];
      const bias = c ? tensorOf(node, c) : null;
      const input = transA ? transpose(x, 0, 1) : x;
      const plain = alpha === 1 && beta === 1 && transB && (bias === null || bias.shape.length === 1);
      if (plain && (bias === null || bias.shape[0] === w.shape[0])) return linear(input, w, bias);
      const product = matmul(input, transB ? transpose(w, 0, 1) : w);
      const y = alpha === 1 ? product : mul(product, alpha);
      if (bias === null) return y;
      return add(y, beta === 1 ? bias : mul(bias, beta));
    };
  },
  MatMul:
    (node) =>
    ([a, b]) =>
      matmul(tensorOf(node, a), tensorOf(node, b)),
  BatchNormalization: (node) => {
    node.check(node.int('spatial', 1) === 1, 'has spatial 0, statistics for each pixel, which is not read');
    const eps = node.float('epsilon', 1e-5);
    // ONNX's momentum is the share of the past.
    const momentum = Math.min(1, Math.max(0, 1 - node.float('momentum', 0.9)));
    return ([x, weight, bias, mean, variance], training) => {
      const input = tensorOf(node, x);
      const options = {
        weight: tensorOf(node, weight),
        bias: tensorOf(node, bias),
        runningMean: tensorOf(node, mean),
        runningVar: tensorOf(node, variance),
      };
      const moves = training && !(isFrozen(options.weight) && isFrozen(options.bias));
      return asImages(input, (image) => batchNorm2d(image, { ...options, eps, momentum, training: moves }));
    };
  },
  InstanceNormalization:
    (node) =>
    ([x, weight, bias]) => {
      const input = tensorOf(node, x);
      const options = { weight: tensorOf(node, weight), bias: tensorOf(node, bias), eps: node.float('epsilon', 1e-5) };
      return groupNorm(input, input.shape[1], options);
    },
  GroupNormalization: (node) => {
    const [groups, eps] = [node.int('num_groups', 1), node.float('epsilon', 1e-5)];
    return ([x, weight, bias]) => {
      const input = tensorOf(node, x);
      // Until version 21 a group had one scale.
      const perChannel = (w: Tensor): Tensor =>
        w.size === input.shape[1] ? w : reshape(mul(reshape(w, [groups, 1]), ones(input.shape[1] / groups)), [-1]);
      const [scale, shift] = [weight, bias].map((w) => perChannel(tensorOf(node, w)));
      return groupNorm(input, groups, { weight: scale, bias: shift, eps });
    };
  },
  LayerNormalization:
    (node) =>
    ([x, weight, bias]) => {
      const input = tensorOf(node, x);
      const axes = trailing(node, input, node.int('axis', -1));
      return layerNorm(input, input.shape.slice(axes[0]), {
        weight: tensorOf(node, weight),
        bias: bias ? tensorOf(node, bias) : null,
        eps: node.float('epsilon', 1e-5),
      });
    },
  RMSNormalization:
    (node) =>
    ([x, weight]) => {
      const input = tensorOf(node, x);
      const axes = trailing(node, input, node.int('axis', -1));
      const power = add(mean(square(input), axes, { keepDims: true }), node.float('epsilon', 1e-5));
      return mul(div(input, sqrt(power)), tensorOf(node, weight));
    },
  MeanVarianceNormalization:
    (node) =>
    ([x]) => {
      const input = tensorOf(node, x);
      const axes = node.ints('axes') ?? [0, 2, 3];
      const centered = sub(input, mean(input, axes, { keepDims: true }));
      // onnxruntime adds as much, to the deviation and not to the variance.
      return div(centered, add(sqrt(mean(square(centered), axes, { keepDims: true })), 1e-9));
    },
  LpNormalization: (node) => {
    const [axis, p] = [node.int('axis', -1), node.int('p', 2)];
    node.check(p === 1 || p === 2, `has p ${p}; only 1 and 2 are read`);
    return ([x]) => {
      const input = tensorOf(node, x);
      const sums = (y: Tensor): Tensor => sum(y, axis, { keepDims: true });
      const norm = p === 1 ? sums(abs(input)) : sqrt(sums(square(input)));
      // Where all is 0 it stays so.
      return where(norm, div(input, norm), Tensor.zeros([]));
    };
  },
  Softmax: (node) => softmaxLike(node, softmax),
  LogSoftmax: (node) => softmaxLike(node, logSoftmax),
  Dropout:
    (node) =>
    ([x, ratio], training) => {
      const input = tensorOf(node, x);
      const p = (ratio && numbersOf(ratio)[0]) ?? node.float('ratio', 0.5);
      return training ? dropout(input, { p, training }) : input;
    },
};

/** The axes from `axis` to the last. */
function trailing(node: ImportNode, x: Tensor, axis: number): number[] {
  const first = normalizeAxis(node.title, axis, x.shape.length);
  return everywhere(x.shape.length).slice(first);
}

/** Runs `fn` on x seen as [N, C, H, W]. */
function asImages(x: Tensor, fn: (image: Tensor) => Tensor): Tensor {
  if (x.shape.length === 4) return fn(x);
  return reshape(fn(reshape(x, [x.shape[0], x.shape[1] ?? 1, sizeOf(x.shape.slice(2)), 1])), x.shape);
}

function ones(length: number): Tensor {
  return Tensor.ones([1, length]);
}

/** Before version 13 all axes from `axis` on were taken as one. */
function softmaxLike(node: ImportNode, op: (x: Tensor, axis: number) => Tensor): ReturnType<ImportOp> {
  return ([input]) => {
    const x = tensorOf(node, input);
    if (node.opset >= 13) return op(x, node.int('axis', -1));
    const axis = node.int('axis', 1);
    const at = axis < 0 ? axis + x.shape.length : axis;
    return reshape(op(reshape(x, [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at))]), 1), x.shape);
  };
}

/** The modules of a file do not run themselves, so a frozen batch norm is known by its parameters. */
function isFrozen(t: Tensor): boolean {
  return t instanceof Parameter && !t.requiresGrad;
}

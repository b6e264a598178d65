import { broadcastShapes, type Shape } from '../../base/shape.js';
import type { StateEntry } from '../../base/stateDict.js';
import { BatchNorm2d } from '../../layers/batchNorm2d.js';
import { Conv2d } from '../../layers/conv2d.js';
import { Linear } from '../../layers/linear.js';
import { add } from '../../tensor/ops/math/add.js';
import { matmul } from '../../tensor/ops/math/matmul.js';
import { batchNorm2d } from '../../tensor/ops/nn/batchNorm2d.js';
import { conv2d } from '../../tensor/ops/nn/conv2d.js';
import { localResponseNorm } from '../../tensor/ops/nn/localResponseNorm.js';
import { permute } from '../../tensor/ops/shape/permute.js';
import { reshape } from '../../tensor/ops/shape/reshape.js';
import { transpose } from '../../tensor/ops/shape/transpose.js';
import type { Tensor } from '../../tensor/tensor.js';
import { expectFilterRoom, expectRoom } from '../room.js';
import { PaddedPool2d, type Sides, sameSides } from '../shapes.js';
import { prelu, transposedConv } from '../weightedModules.js';
import { outputsFirst, transposed } from '../weightOrders.js';
import { activations, combine } from './graphMath.js';
import type { GraphNode } from './graphNode.js';
import { type BuiltNode, type GraphOp, type GraphWeights, needed } from './graphOps.js';
import { imageOf, like, plain, toValue, type Value, wholeNumbers } from './graphValue.js';

type Two = readonly [number, number];

/** Convolutions, products of matrices and pooling. Constant weights become those of modules. */
export const convolutions: Readonly<Record<string, GraphOp>> = {
  Conv2D: convolution,
  _FusedConv2D: convolution,
  FusedConv2D: convolution,
  DepthwiseConv2d: convolution,
  DepthwiseConv2dNative: convolution,
  FusedDepthwiseConv2dNative: convolution,
  _FusedDepthwiseConv2dNative: convolution,
  Conv2DBackpropInput: (node) => {
    const stride = pairOf(node, 'strides', 1);
    const dilation = pairOf(node, 'dilations', 1);
    const padding = paddingOf(node);
    return (inputs) => {
      const [shape, filter, given] = needed(node, inputs, 3);
      const x = imageOf(node, given);
      const sizes = wholeNumbers(node, 'shape', shape, 1);
      const size: Two = sizes.length === 4 ? [sizes[1], sizes[2]] : [sizes[0], sizes[1]];
      // [H, W, O, I] as [I, O, H, W].
      const w = permute(plain(filter), [3, 2, 0, 1]);
      const kernel: Two = [w.shape[2], w.shape[3]];
      const around = padding === 'same' ? sameSides(size, kernel, stride, dilation) : padding;
      for (const i of [0, 1]) {
        const reach = (kernel[i] - 1) * dilation[i] + 1;
        const places =
          Math.floor((size[i] + around[i === 0 ? 0 : 3] + around[i === 0 ? 2 : 1] - reach) / stride[i]) + 1;
        node.check(
          places === x.shape[i + 2],
          `makes ${size.join(' x ')} of ${x.shape.slice(2).join(' x ')}, which its strides do not`,
        );
      }
      return toValue(transposedConv(x, w, null, { stride, dilation, size, before: [around[0], around[3]] }), true);
    };
  },
  MatMul: product,
  _FusedMatMul: product,
  FusedMatMul: product,
  BatchMatMul: batchProduct,
  BatchMatMulV2: batchProduct,
  FusedBatchNorm: normalization,
  FusedBatchNormV2: normalization,
  FusedBatchNormV3: normalization,
  MaxPool: pooling('max'),
  AvgPool: pooling('average'),
  LRN: (node) => {
    const size = 2 * node.number('depth_radius', 5) + 1;
    const options = {
      size,
      alpha: node.number('alpha', 1) * size,
      beta: node.number('beta', 0.5),
      k: node.number('bias', 1),
    };
    return (inputs) => toValue(localResponseNorm(imageOf(node, needed(node, inputs, 1)[0]), options), true);
  },
};

function convolution(node: GraphNode, weights: GraphWeights): BuiltNode {
  const depthwise = node.op.includes('Depthwise');
  const stride = pairOf(node, 'strides', 1);
  const dilation = pairOf(node, 'dilations', 1);
  const padding = paddingOf(node);
  expectChannelsLast(node);
  const fused = fusedOf(node);
  const kernel = weights.constant(node, 1);
  const finish = finisher(node, fused);
  const options = { stride, dilation, padding };
  const fits = (x: Tensor, [outputs, , ...taps]: Shape): void =>
    expectFilterRoom(`node ${node.title}`, x.shape, { outChannels: outputs, kernel: taps, ...options });
  if (kernel === undefined) {
    return {
      run: (inputs) => {
        const [given, filter, ...more] = needed(node, inputs, 2);
        const x = imageOf(node, given);
        const w = filtersOf(node, plain(filter), depthwise);
        fits(x, w.shape);
        const groups = groupsOf(node, x.shape[1], w.shape[1]);
        return finish(toValue(conv2d(x, w, null, { ...options, groups }), true), more);
      },
    };
  }
  node.check(kernel.shape.length === 4, `has filters of ${kernel.shape.length} axes, but needs 4`);
  const [height, width, inputsEach, last] = kernel.shape;
  const outChannels = depthwise ? inputsEach * last : last;
  const bias = fused.bias ? weights.constant(node, 2) : weights.takeBias(node, outChannels);
  const groups = depthwise ? inputsEach : 1;
  const made = new Conv2d(inputsEach, outChannels, [height, width], { ...options, groups, bias: bias !== undefined });
  made.weight.floatsToWrite.set(
    depthwise ? transposed(kernel.data, height * width, outChannels) : outputsFirst(kernel),
  );
  weights.share(node, 1, depthwise ? 'depthwise' : 'filters', made);
  fillBias(node, made.bias, bias);
  const conv = weights.add(node, made);
  const held = fused.bias && bias !== undefined ? 3 : 2;
  return {
    reads: [...node.inputs.keys()].filter((i) => i === 0 || i >= held),
    run: ([given, ...more]) => {
      node.check(given !== undefined, 'lacks its input');
      const x = imageOf(node, given);
      const own = conv();
      fits(x, own.weight.shape);
      const channels = x.shape[1];
      // That a convolution works in groups shows in the channels of its input alone.
      const grouped = !depthwise && channels !== inputsEach;
      const y = grouped
        ? conv2d(x, own.weight, own.bias, { ...options, groups: groupsOf(node, channels, inputsEach) })
        : own.forward(x);
      return finish(toValue(y, true), more, bias !== undefined);
    },
  };
}

function groupsOf(node: GraphNode, channels: number, each: number): number {
  node.check(channels % each === 0, `gets ${channels} channels for filters of ${each}`);
  return channels / each;
}

/** [H, W, I, O] as [O, I, H, W]; of a depthwise convolution [H, W, C, M] as [C * M, 1, H, W]. */
function filtersOf(node: GraphNode, w: Tensor, depthwise: boolean): Tensor {
  node.check(w.shape.length === 4, `has filters of ${w.shape.length} axes, but needs 4`);
  const [h, wide, c, m] = w.shape;
  return depthwise ? reshape(permute(w, [2, 3, 0, 1]), [c * m, 1, h, wide]) : permute(w, [3, 2, 0, 1]);
}

interface Fused {
  bias: boolean;
  activation: string | null;
}

/** What an operation does after its product: adds a bias, and applies a function. */
function fusedOf(node: GraphNode): Fused {
  const names = node.texts('fused_ops');
  const bias = names[0] === 'BiasAdd';
  const rest = names.slice(bias ? 1 : 0);
  node.check(
    rest.length <= 1 &&
      rest.every((name) => name === 'Prelu' || name === 'LeakyRelu' || Object.hasOwn(activations, name)),
    `is fused with ${names.join(', ')}, but BiasAdd and one activation are read`,
  );
  return { bias, activation: rest[0] ?? null };
}

function finisher(
  node: GraphNode,
  { bias, activation }: Fused,
): (y: Value, more: readonly Value[], biased?: boolean) => Value {
  return (y, more, biased = false) => {
    const rest = [...more];
    let out = y;
    if (bias && !biased) {
      const b = rest.shift() ?? node.refuse('lacks its bias');
      out = combine(node, [out, b], add);
    }
    if (activation === null) return out;
    if (activation !== 'Prelu') return like(out, activations[activation](out.tensor, node));
    const slopes = rest[0] ?? node.refuse('lacks the slopes of its Prelu');
    return combine(node, [out, slopes], prelu);
  };
}

function fillBias(
  node: GraphNode,
  own: { data: Float32Array; size: number } | null,
  given: StateEntry | undefined,
): void {
  if (own === null || given === undefined) return;
  node.check(given.data.length === own.size, `has a bias of ${given.data.length} numbers for ${own.size} channels`);
  own.data.set(given.data);
}

function product(node: GraphNode, weights: GraphWeights): BuiltNode {
  const [flipA, flipB] = [node.flag('transpose_a'), node.flag('transpose_b')];
  const fused = fusedOf(node);
  const finish = finisher(node, fused);
  const kernel = flipA ? undefined : weights.constant(node, 1);
  const matrix = (v: Value): Tensor => {
    node.check(v.tensor.shape.length === 2, `gets a value of ${v.tensor.shape.length} axes, but takes matrices`);
    return v.tensor;
  };
  if (kernel === undefined || kernel.shape.length !== 2 || kernel.shape.includes(0)) {
    return {
      run: (inputs) => {
        const [a, b, ...more] = needed(node, inputs, 2);
        const left = flipA ? transpose(matrix(a), 0, 1) : matrix(a);
        const right = flipB ? transpose(matrix(b), 0, 1) : matrix(b);
        expectRoom(`node ${node.title}`, [left.shape[0], right.shape[1]]);
        return finish(toValue(matmul(left, right)), more);
      },
    };
  }
  const [rows, columns] = kernel.shape;
  const [inFeatures, outFeatures] = flipB ? [columns, rows] : [rows, columns];
  const bias = fused.bias ? weights.constant(node, 2) : weights.takeBias(node, outFeatures);
  const made = new Linear(inFeatures, outFeatures, { bias: bias !== undefined });
  made.weight.floatsToWrite.set(flipB ? kernel.data : transposed(kernel.data, rows, columns));
  weights.share(node, 1, flipB ? 'rows' : 'columns', made);
  fillBias(node, made.bias, bias);
  const dense = weights.add(node, made);
  const held = fused.bias && bias !== undefined ? 3 : 2;
  return {
    reads: [...node.inputs.keys()].filter((i) => i === 0 || i >= held),
    run: ([x, ...more]) => {
      node.check(x !== undefined, 'lacks its input');
      return finish(toValue(dense().forward(matrix(x))), more, bias !== undefined);
    },
  };
}

function batchProduct(node: GraphNode): ReturnType<GraphOp> {
  const flips = [node.flag('adj_x'), node.flag('adj_y')];
  return (inputs) => {
    const [left, right] = needed(node, inputs, 2)
      .slice(0, 2)
      .map((value, i) => {
        const x = plain(value);
        node.check(x.shape.length >= 2, `gets a value of ${x.shape.length} axes, but takes matrices`);
        if (!flips[i]) return x;
        const order = x.shape.map((_, axis) => axis);
        return permute(x, [...order.slice(0, -2), order.length - 1, order.length - 2]);
      });
    const batch = broadcastShapes(node.title, left.shape.slice(0, -2), right.shape.slice(0, -2));
    expectRoom(`node ${node.title}`, [
      ...batch,
      left.shape[left.shape.length - 2],
      right.shape[right.shape.length - 1],
    ]);
    return toValue(matmul(left, right));
  };
}

function normalization(node: GraphNode, weights: GraphWeights): BuiltNode {
  expectChannelsLast(node);
  node.check(
    !node.flag('is_training', false),
    'normalizes by its batch (is_training). Freeze the model for inference before it is converted',
  );
  const eps = node.number('epsilon', 1e-4);
  node.check(eps >= 0, `has epsilon ${eps}, which must not be negative`);
  const constants = [1, 2, 3, 4].map((i) => weights.constant(node, i));
  const features = constants[0]?.data.length ?? 0;
  if (features === 0 || constants.some((c) => c?.data.length !== features)) {
    return {
      run: (inputs) => {
        const [x, weight, bias, runningMean, runningVar] = needed(node, inputs, 5);
        const [w, b, m, v] = [weight, bias, runningMean, runningVar].map(plain);
        return toValue(
          batchNorm2d(imageOf(node, x), { weight: w, bias: b, runningMean: m, runningVar: v, training: false, eps }),
          true,
        );
      },
    };
  }
  const made = new BatchNorm2d(features, { eps, momentum: 0.01 });
  for (const [i, own] of [made.weight, made.bias, made.runningMean, made.runningVar].entries()) {
    own?.floatsToWrite.set((constants[i] as StateEntry).data);
  }
  const norm = weights.add(node, made);
  return {
    reads: [0],
    run: ([x]) => {
      node.check(x !== undefined, 'lacks its input');
      return toValue(norm().forward(imageOf(node, x)), true);
    },
  };
}

function pooling(kind: 'max' | 'average'): GraphOp {
  return (node) => {
    expectChannelsLast(node);
    const pool = new PaddedPool2d(kind, pairOf(node, 'ksize', 1), pairOf(node, 'strides', 1), paddingOf(node));
    return (inputs) => toValue(pool.forward(imageOf(node, needed(node, inputs, 1)[0])), true);
  };
}

function expectChannelsLast(node: GraphNode): void {
  const format = node.text('data_format', 'NHWC');
  node.check(format === 'NHWC', `has the data_format '${format}', but NHWC is read`);
}

/** Of [1, height, width, 1] the middle. */
function pairOf(node: GraphNode, name: string, fallback: number): Two {
  const given = node.numbers(name) ?? [];
  const [batch, height, width, channels] = given.length === 0 ? [1, fallback, fallback, 1] : given;
  const fits = (given.length === 0 || given.length === 4) && batch === 1 && channels === 1;
  node.check(
    fits && [height, width].every((n) => Number.isSafeInteger(n) && n >= 1),
    `has ${name} [${given.join(', ')}], but [1, height, width, 1] is read`,
  );
  return [height, width];
}

/** 'same', or [top, right, bottom, left]. */
function paddingOf(node: GraphNode): 'same' | Sides {
  const given = node.text('padding', 'VALID');
  if (given === 'SAME') return 'same';
  if (given === 'VALID') return [0, 0, 0, 0];
  const ends = node.numbers('explicit_paddings') ?? [];
  node.check(
    given === 'EXPLICIT' && ends.length === 8,
    `has the padding '${given}' [${ends.join(', ')}]; SAME, VALID and EXPLICIT with 8 numbers are read`,
  );
  node.check(
    ends.every((n) => Number.isSafeInteger(n) && n >= 0) && [0, 1, 6, 7].every((i) => ends[i] === 0),
    `pads by [${ends.join(', ')}], but only height and width can be padded`,
  );
  return [ends[2], ends[5], ends[3], ends[4]];
}

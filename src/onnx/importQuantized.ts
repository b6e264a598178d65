import { normalizeAxis } from '../base/shape.js';
import { matmul } from '../tensor/ops/math/matmul.js';
import { mul } from '../tensor/ops/math/mul.js';
import { sub } from '../tensor/ops/math/sub.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import type { Tensor } from '../tensor/tensor.js';
import { tensorOf } from './importElementwise.js';
import { convolution } from './importImages.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { dynamicRange, quantize } from './ops/quantize.js';
import { takeAlong } from './ops/takeAlong.js';
import { DataType } from './proto.js';
import { HostArray, markWhole, type Value } from './values.js';

type Input = Value | null | undefined;

/**
 * Quantized networks, computed with floats that hold the same whole numbers: exact while sums stay below 2^24. What is learned goes
 * through rounding as if it were not there.
 */
export const quantized: Record<string, ImportOp> = {
  QuantizeLinear: (node) => {
    const [axis, told] = [node.int('axis', 1), node.int('output_dtype', 0)];
    return ([input, scale, zero]) => {
      const x = tensorOf(node, input);
      const by = along(node, x, scale, axis);
      return markWhole(quantize(x, by, zero ? along(node, x, zero, axis) : null, rangeOf(node, zero, told)));
    };
  },
  DequantizeLinear: (node) => {
    const axis = node.int('axis', 1);
    return ([input, scale, zero]) => {
      const x = tensorOf(node, input);
      return mul(zero ? sub(x, along(node, x, zero, axis)) : x, along(node, x, scale, axis));
    };
  },
  DynamicQuantizeLinear: (node) => (inputs) => {
    const x = tensorOf(node, inputs[0]);
    const { scale, zero } = dynamicRange(x);
    return [markWhole(quantize(x, scale, zero, [0, 255])), scale, markWhole(zero)];
  },
  ConvInteger: (node) => {
    const convolve = convolution(node);
    return ([x, w, zeroX, zeroW]) => markWhole(convolve(centered(node, x, zeroX), centered(node, w, zeroW, 0), null));
  },
  MatMulInteger:
    (node) =>
    ([a, b, zeroA, zeroB]) =>
      markWhole(matmul(centered(node, a, zeroA, -2), centered(node, b, zeroB, -1))),
  QLinearConv: (node) => {
    const convolve = convolution(node);
    return ([x, scaleX, zeroX, w, scaleW, zeroW, scaleY, zeroY, bias]) => {
      const b = bias ? tensorOf(node, bias) : null;
      const sums = convolve(centered(node, x, zeroX), centered(node, w, zeroW, 0), b);
      return requantized(node, sums, [tensorOf(node, scaleX), along(node, sums, scaleW, 1)], scaleY, zeroY);
    };
  },
  QLinearMatMul:
    (node) =>
    ([a, scaleA, zeroA, b, scaleB, zeroB, scaleY, zeroY]) => {
      const sums = matmul(centered(node, a, zeroA, -2), centered(node, b, zeroB, -1));
      const scales = [along(node, sums, scaleA, -2), along(node, sums, scaleB, -1)] as const;
      return requantized(node, sums, scales, scaleY, zeroY);
    },
};

/** The least and the largest number of the type that a zero point has in the file. */
function rangeOf(node: ImportNode, zero: Input, told: number): readonly [number, number] {
  const type = (zero instanceof HostArray ? zero.dataType : undefined) ?? told;
  node.check(!zero || type !== 0, 'has a zero point that is computed, so that its type is not known');
  const range = ranges.get(type === 0 ? DataType.UINT8 : type);
  if (range === undefined) throw node.error(`quantizes to element type ${type}, which is not read`);
  return range;
}

const ranges = new Map<number, readonly [number, number]>([
  [DataType.UINT8, [0, 255]],
  [DataType.INT8, [-128, 127]],
  [DataType.UINT16, [0, 65535]],
  [DataType.INT16, [-32768, 32767]],
]);

/** A scale or zero point as it stretches over x: one number, one for each entry of an axis, or one for each block of entries. */
function along(node: ImportNode, x: Tensor, value: Input, axis: number): Tensor {
  const t = tensorOf(node, value);
  if (t.size === 1) return reshape(t, []);
  const at = normalizeAxis(node.title, axis, x.shape.length);
  if (t.shape.length === 1) {
    node.check(t.size === x.shape[at], `has ${t.size} scales or zero points for axis ${axis} of [${x.shape}]`);
    return reshape(t, [t.size, ...new Array<number>(x.shape.length - at - 1).fill(1)]);
  }
  const block = node.int('block_size', 0);
  if (block === 0) return t;
  const fits = t.shape.length === x.shape.length && t.shape[at] === Math.ceil(x.shape[at] / block);
  node.check(fits, `has scales or zero points [${t.shape}] for blocks of ${block} along axis ${axis} of [${x.shape}]`);
  return takeAlong(
    t,
    at,
    Array.from({ length: x.shape[at] }, (_, i) => Math.floor(i / block)),
  );
}

/** x without its zero point, which may be one for each entry of an axis. */
function centered(node: ImportNode, input: Input, zero: Input, axis = 1): Tensor {
  const x = tensorOf(node, input);
  return zero ? sub(x, along(node, x, zero, axis)) : x;
}

function requantized(
  node: ImportNode,
  sums: Tensor,
  [a, b]: readonly [Tensor, Tensor],
  scaleY: Input,
  zeroY: Input,
): Tensor {
  // y's scale divides last: one scale for each channel, as onnxruntime has it, and one rounding.
  const y = mul(sums, mul(a, b));
  return markWhole(quantize(y, tensorOf(node, scaleY), zeroY ? tensorOf(node, zeroY) : null, rangeOf(node, zeroY, 0)));
}

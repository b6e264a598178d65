import { add } from '../tensor/ops/math/add.js';
import { conv2d } from '../tensor/ops/nn/conv2d.js';
import { convTranspose2d } from '../tensor/ops/nn/convTranspose2d.js';
import { localResponseNorm } from '../tensor/ops/nn/localResponseNorm.js';
import { concat } from '../tensor/ops/shape/concat.js';
import { pad } from '../tensor/ops/shape/pad.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { slice } from '../tensor/ops/shape/slice.js';
import { Tensor } from '../tensor/tensor.js';
import { expectAffordable, expectFeasible } from './budget.js';
import { tensorOf } from './importElementwise.js';
import type { ImportNode, ImportOp } from './importNode.js';
import { numbersOf } from './values.js';
import { asRow, onImages, type Pair, type Window, windowOf } from './window.js';

/** Operations on images [N, C, H, W] and signals [N, C, L]. */
export const images: Record<string, ImportOp> = {
  Conv: (node) => {
    const convolve = convolution(node);
    return ([x, w, b]) => convolve(tensorOf(node, x), tensorOf(node, w), b ? tensorOf(node, b) : null);
  },
  ConvTranspose: transposedConvolution,
  LRN: (node) => {
    const [size, alpha] = [node.int('size', 1), node.float('alpha', 1e-4)];
    const [beta, k] = [node.float('beta', 0.75), node.float('bias', 1)];
    node.check(Number.isSafeInteger(size) && size > 0 && size % 2 === 1, `has size ${size}; only odd ones are read`);
    return ([input]) => {
      const x = tensorOf(node, input);
      // No window sees more than all channels, but each is divided by its size.
      const seen = Math.min(size, 2 * x.shape[1] + 1);
      return localResponseNorm(x, { size: seen, alpha: (alpha * seen) / size, beta, k });
    };
  },
  Pad: (node) => {
    const mode = ({ constant: 'zero', reflect: 'reflect', edge: 'replicate' } as const)[node.text('mode', 'constant')];
    if (mode === undefined) throw node.error(`has mode '${node.text('mode', '')}', which is not read`);
    return ([x, pads, value, axes]) => {
      let y = tensorOf(node, x);
      const rank = y.shape.length;
      const given = pads ? numbersOf(pads) : (node.ints('pads') ?? node.ints('paddings') ?? []);
      const named = axes ? numbersOf(axes).map((a) => (a < 0 ? a + rank : a)) : y.shape.map((_, axis) => axis);
      node.check(
        given.length === 2 * named.length && given.every(Number.isInteger),
        `has pads [${given}] for ${named.length} axes`,
      );
      node.check(
        named.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank),
        `pads the axes [${named}] of ${rank}`,
      );
      const fill = (value && numbersOf(value)[0]) ?? node.float('value', 0);
      const around = [0, 0, 0, 0];
      const size = [...y.shape];
      for (const [at, axis] of named.entries()) size[axis] += given[at] + given[at + named.length];
      expectAffordable(
        node.title,
        size.map((n) => Math.max(0, n)),
      );
      for (const [at, axis] of named.entries()) {
        const [before, after] = [given[at], given[at + named.length]];
        // Less than nothing cuts.
        if (before < 0 || after < 0) y = slice(y, axis, Math.max(0, -before), y.shape[axis] - Math.max(0, -after));
        const [first, last] = [Math.max(0, before), Math.max(0, after)];
        expectAffordable(node.title, y.shape.with(axis, y.shape[axis] + first + last));
        if (axis >= rank - 2 && rank >= 2) {
          around[axis === rank - 1 ? 3 : 0] = first;
          around[axis === rank - 1 ? 1 : 2] = last;
        } else if (first + last > 0) {
          node.check(mode === 'zero', `pads axis ${axis} by '${mode}'; only height and width can be`);
          y = between(y, axis, first, last, fill);
        }
      }
      return around.some((n) => n > 0) ? pad(y, around as [number, number, number, number], { mode, value: fill }) : y;
    };
  },
};

/** What runs a Conv node's window with weights that are already tensors. */
export function convolution(node: ImportNode): (x: Tensor, w: Tensor, b: Tensor | null) => Tensor {
  const window = windowOf(node);
  const { stride, dilation } = window;
  const groups = node.int('group', 1);
  const told = node.ints('kernel_shape');
  return (x, w, b) => {
    const own = w.shape.slice(2);
    node.check(!told?.length || String(told) === String(own), `has kernel_shape [${told}] for weights [${w.shape}]`);
    return onImages(node, window, x, (image) => {
      const filter = asRow(w);
      const size = image.shape.slice(2);
      const [top, left, bottom, right] = window.sides(size, extentOf(filter, dilation));
      expectAffordable(node.title, [...image.shape.slice(0, 2), size[0] + top + bottom, size[1] + left + right]);
      expectDilation(node, image.shape[0], [size[0] + top + bottom, size[1] + left + right], filter, window);
      return conv2d(image, filter, b, { stride, dilation, groups, padding: [top, right, bottom, left] });
    });
  };
}

/** Attributes say what is cut off the whole result (pads), its size (output_shape), or that it is x's times the stride (auto_pad). */
function transposedConvolution(node: ImportNode): ReturnType<ImportOp> {
  const window = windowOf(node);
  const { stride, dilation } = window;
  const groups = node.int('group', 1);
  const auto = node.text('auto_pad', 'NOTSET');
  const same = auto.startsWith('SAME');
  const pairOf = (name: string): Pair | undefined => {
    const values = node.ints(name)?.slice(-2);
    if (values === undefined || values.length === 0) return undefined;
    node.check(
      values.every((n) => Number.isSafeInteger(n) && n >= 0),
      `has ${name} [${values}], which must be whole numbers >= 0`,
    );
    return values.length === 1 ? [name === 'output_shape' ? 1 : 0, values[0]] : [values[0], values[1]];
  };
  const outputPadding = pairOf('output_padding') ?? [0, 0];
  const outputShape = pairOf('output_shape');
  return ([input, weights, bias]) =>
    onImages(node, window, tensorOf(node, input), (x) => {
      const w = asRow(tensorOf(node, weights));
      const b = bias ? tensorOf(node, bias) : null;
      const size = x.shape.slice(2);
      // What the stamps cover, and what of it is wanted: from `before` on, `out` pixels.
      const full = extentOf(w, dilation).map((extent, i) => (size[i] - 1) * stride[i] + extent);
      const [top, left, bottom, right] = same || outputShape ? [0, 0, 0, 0] : window.sides(size, full);
      const wanted = outputShape ?? (same ? size.map((n, i) => n * stride[i]) : undefined);
      const out = full.map((n, i) => wanted?.[i] ?? n + outputPadding[i] - [top + bottom, left + right][i]);
      const before = wanted
        ? full.map((n, i) => {
            const total = Math.max(0, n + outputPadding[i] - wanted[i]);
            return auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
          })
        : [top, left];
      expectAffordable(node.title, [x.shape[0], w.shape[1] * groups, ...out.map((n) => Math.max(0, n))]);
      expectAffordable(node.title, [x.shape[0], w.shape[1] * groups, ...full]);
      expectDilation(node, x.shape[0], full, w, window);
      node.check(
        out.every((n) => n > 0),
        `leaves ${out.join(' x ')} pixels`,
      );
      // The operation cuts as much off both ends, and adds behind less than a step.
      const extra = out.map((n, i) => n - (full[i] - 2 * before[i]));
      if (extra.every((n, i) => n >= 0 && n < Math.max(stride[i], dilation[i]))) {
        const padding = before as unknown as Pair;
        return convTranspose2d(x, w, b, { stride, dilation, groups, padding, outputPadding: extra as unknown as Pair });
      }
      const whole = convTranspose2d(x, w, null, { stride, dilation, groups });
      const y = cut(whole, before, out);
      return b ? add(y, reshape(b, [b.size, 1, 1])) : y;
    });
}

/** `out` pixels of an image from `before` on, zeros where it has ended. */
function cut(image: Tensor, before: readonly number[], out: readonly number[]): Tensor {
  const ends = before.map((first, i) => Math.min(image.shape[i + 2], first + out[i]));
  const inside = slice(slice(image, 2, before[0], ends[0]), 3, before[1], ends[1]);
  const [bottom, right] = [0, 1].map((i) => out[i] - inside.shape[i + 2]);
  return bottom + right > 0 ? pad(inside, [0, right, bottom, 0]) : inside;
}

/** Refuses filters with absurd holes: kernels walk all that a filter covers. */
function expectDilation(node: ImportNode, batch: number, size: readonly number[], w: Tensor, window: Window): void {
  const { stride, dilation } = window;
  if (dilation.every((d) => d === 1)) return;
  const steps = extentOf(w, dilation).map((extent, i) => extent * Math.max(1, (size[i] - extent) / stride[i] + 1));
  expectFeasible(node.title, Math.ceil(batch * steps[0] * steps[1]));
}

/** How many pixels the filter covers. */
function extentOf(w: Tensor, dilation: Pair): number[] {
  return [0, 1].map((i) => (w.shape[i + 2] - 1) * dilation[i] + 1);
}

/** x with constant entries before and behind it on an axis. */
function between(x: Tensor, axis: number, before: number, after: number, value: number): Tensor {
  const constant = (length: number): Tensor[] => (length > 0 ? [Tensor.full(x.shape.with(axis, length), value)] : []);
  return concat([...constant(before), x, ...constant(after)], axis);
}

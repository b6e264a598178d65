import { matmul } from '../tensor/ops/math/matmul.js';
import { upsample2d } from '../tensor/ops/nn/upsample2d.js';
import { reshape } from '../tensor/ops/shape/reshape.js';
import { Tensor } from '../tensor/tensor.js';
import { expectAffordable } from './budget.js';
import { tensorOf } from './importElementwise.js';
import { take } from './importMoves.js';
import type { ImportNode, ImportOp, RunNode } from './importNode.js';
import { type Axis, coordinates, nearestPixels, resizeWeights, rounds } from './resizeAxis.js';
import { numbersOf, type Value } from './values.js';

/** Resizing of images [N, C, H, W] along height and width, of signals along their length, of the nearest pixel along any axis. */
export const resizing: Record<string, ImportOp> = { Resize: resize, Upsample: resize };

function resize(node: ImportNode): RunNode {
  // Until version 9 'linear' was written with the number of axes before it.
  const mode = node.text('mode', 'nearest').replace(/^bilinear$/, 'linear');
  const place = node.text('coordinate_transformation_mode', node.opset < 11 ? 'asymmetric' : 'half_pixel');
  const nearest = node.text('nearest_mode', node.opset < 11 ? 'floor' : 'round_prefer_floor');
  const policy = node.text('keep_aspect_ratio_policy', 'stretch');
  node.check(
    ['nearest', 'linear', 'cubic'].includes(mode) && Object.hasOwn(coordinates, place),
    `has mode '${mode}' with '${place}', which is not read`,
  );
  node.check(Object.hasOwn(rounds, nearest), `has nearest_mode '${nearest}', which ONNX does not know`);
  node.check(node.int('antialias', 0) === 0, 'has antialias, which is not read');
  node.check(
    ['stretch', 'not_larger', 'not_smaller'].includes(policy),
    `has keep_aspect_ratio_policy '${policy}', which ONNX does not know`,
  );
  const cubic = { a: node.float('cubic_coeff_a', -0.75), leavesOut: node.int('exclude_outside', 0) === 1 };
  const scalesAt = node.proto.opType === 'Upsample' || node.opset < 11 ? 1 : 2;
  return (inputs) => {
    const x = tensorOf(node, inputs[0]);
    const axes = axesOf(node, x, policy, inputs[scalesAt], scalesAt === 2 ? inputs[3] : null);
    expectAffordable(
      node.title,
      axes.map(({ to }) => to),
    );
    // An image that keeps its size stays, whatever the scale says: so in PyTorch and onnxruntime.
    if (axes.every(({ from, to }) => from === to)) return x;
    if (mode === 'nearest') return nearestOf(node, x, axes, place, nearest);
    node.check(
      x.shape.length === 4 || x.shape.length === 3,
      `has an input of ${x.shape.length} axes, but needs images, [N, C, H, W], or signals, [N, C, L]`,
    );
    node.check(
      axes.slice(0, 2).every(({ from, to }) => from === to),
      `makes [${axes.map(({ to }) => to)}] of [${x.shape}]; only height and width can be resized`,
    );
    if (x.shape.length === 4) return smooth(node, x, axes.slice(2), mode, place, cubic);
    const still: Axis = { from: 1, to: 1, scale: 1 };
    const [n, c, length] = x.shape;
    const y = smooth(node, reshape(x, [n, c, 1, length]), [still, axes[2]], mode, place, cubic);
    return reshape(y, [n, c, axes[2].to]);
  };
}

function nearestOf(node: ImportNode, x: Tensor, axes: readonly Axis[], place: string, nearest: string): Tensor {
  const positions = axes.map((axis) => nearestPixels(axis, place, nearest));
  const stretches = positions.every((list, i) => {
    const { from, to } = axes[i];
    return i < 2
      ? from === to && list.every((at, k) => at === k)
      : list.every((at, k) => at === Math.floor((k * from) / to));
  });
  if (x.shape.length === 4 && stretches) return upsample2d(x, { size: [axes[2].to, axes[3].to] });
  let y: Value = x;
  for (const [axis, list] of positions.entries()) {
    const changes = list.length !== x.shape[axis] || list.some((at, k) => at !== k);
    if (changes) y = take(node, y, axis, list);
  }
  return y as Tensor;
}

/** Height and width of images, by straight lines or cubic curves between pixels. */
function smooth(
  node: ImportNode,
  x: Tensor,
  [height, width]: readonly Axis[],
  mode: string,
  place: string,
  cubic: { a: number; leavesOut: boolean },
): Tensor {
  const size = [height.to, width.to] as const;
  const stretches = [height, width].every(({ from, to, scale }) => Math.fround(scale) === Math.fround(to / from));
  const halves = place === 'half_pixel' || (place === 'pytorch_half_pixel' && size.every((n) => n > 1));
  if (mode === 'linear' && ((halves && stretches) || place === 'align_corners')) {
    return upsample2d(x, { size, mode: 'bilinear', alignCorners: place === 'align_corners' });
  }
  for (const { from, to } of [height, width]) expectAffordable(node.title, [from, to]);
  const [rows, columns] = [height, width].map((axis) => resizeWeights(axis, place, mode === 'cubic' ? cubic : null));
  return matmul(
    matmul(Tensor.from(rows.transposed, [height.to, height.from]), x),
    Tensor.from(columns.matrix, [width.from, width.to]),
  );
}

/** What becomes of each axis of x: by the sizes that are wanted, or by factors. */
function axesOf(
  node: ImportNode,
  x: Tensor,
  policy: string,
  scales: Value | null | undefined,
  sizes: Value | null | undefined,
): Axis[] {
  const rank = x.shape.length;
  const named = node.ints('axes')?.map((axis) => (axis < 0 ? axis + rank : axis)) ?? x.shape.map((_, axis) => axis);
  // An empty list stands for one that is left out. Versions 1, 7 and 8 have factors as attributes.
  const wanted = sizes ? numbersOf(sizes) : [];
  const old = node.opset < 7 ? [1, 1, node.float('height_scale', 1), node.float('width_scale', 1)] : undefined;
  const factors = scales ? numbersOf(scales) : (node.floats('scales') ?? old ?? []);
  const given = wanted.length > 0 ? wanted : factors;
  node.check(given.length === named.length, `has ${given.length} scales or sizes for ${named.length} axes`);
  const ratios = wanted.map((n, i) => n / x.shape[named[i]]);
  const shared = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  const axes = x.shape.map((from, axis): Axis => {
    const i = named.indexOf(axis);
    if (i < 0) return { from, to: from, scale: 1 };
    if (wanted.length === 0)
      return { from, to: Math.floor(Math.fround(from * Math.fround(factors[i]))), scale: factors[i] };
    if (policy !== 'stretch') return { from, to: Math.floor(shared * from + 0.5), scale: shared };
    return { from, to: wanted[i], scale: ratios[i] };
  });
  node.check(
    axes.every(({ from, to, scale }) => Number.isSafeInteger(to) && to > 0 && from > 0 && scale > 0),
    `makes [${axes.map(({ to }) => to)}] of [${x.shape}]`,
  );
  return axes;
}

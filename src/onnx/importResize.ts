import { matmul } from '../tensor/ops/matmul.js';
import { upsample2d } from '../tensor/ops/upsample2d.js';
import { Tensor } from '../tensor/tensor.js';
import { tensorOf } from './importElementwise.js';
import type { ImportNode, ImportOp, RunNode } from './importNode.js';
import { hostSize, numbersOf } from './values.js';

/** An axis that is resized: its old and new length, and how many new pixels the file says an old one makes. */
interface Axis {
  from: number;
  to: number;
  scale: number;
}

/** Where a pixel of the result lies on the old axis. */
type Coordinate = (i: number, axis: Axis) => number;

const coordinates: Record<string, Coordinate> = {
  half_pixel: (i, { scale }) => (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, { scale, to }) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
  align_corners: (i, { from, to }) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0),
  asymmetric: (i, { scale }) => i / scale,
};

/** Which pixel is nearest to a position; halves go down or up. */
const rounds: Record<string, (v: number) => number> = {
  round_prefer_floor: (v) => Math.ceil(v - 0.5),
  round_prefer_ceil: (v) => Math.floor(v + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Resizing of images [N, C, H, W] along height and width. */
export const resizing: Record<string, ImportOp> = { Resize: resize, Upsample: resize };

function resize(node: ImportNode): RunNode {
  const mode = node.text('mode', 'nearest');
  const place = node.text('coordinate_transformation_mode', node.opset < 11 ? 'asymmetric' : 'half_pixel');
  const nearest = node.text('nearest_mode', node.opset < 11 ? 'floor' : 'round_prefer_floor');
  node.check(
    ['nearest', 'linear', 'cubic'].includes(mode) && Object.hasOwn(coordinates, place),
    `has mode '${mode}' with '${place}', which is not read`,
  );
  node.check(Object.hasOwn(rounds, nearest), `has nearest_mode '${nearest}', which ONNX does not know`);
  node.check(node.int('antialias', 0) === 0, 'has antialias, which is not read');
  node.check(
    node.text('keep_aspect_ratio_policy', 'stretch') === 'stretch' && node.ints('axes') === undefined,
    'has a keep_aspect_ratio_policy or axes, which are not read',
  );
  const weights = weightsOf(node, mode, place, nearest);
  return (inputs) => {
    const x = tensorOf(node, inputs[0]);
    node.check(x.shape.length === 4, `has an input of ${x.shape.length} axes, but needs images, [N, C, H, W]`);
    const [height, width] = axesOf(node, x, inputs[node.opset < 11 ? 1 : 2], inputs[3]);
    const size = [height.to, width.to] as const;
    const stretches = [height, width].every(({ from, to, scale }) => scale === to / from);
    if (mode === 'nearest' && place === 'asymmetric' && nearest === 'floor' && stretches) {
      return upsample2d(x, { size });
    }
    const halves = place === 'half_pixel' || (place === 'pytorch_half_pixel' && size.every((n) => n > 1));
    if (mode === 'linear' && ((halves && stretches) || place === 'align_corners')) {
      return upsample2d(x, { size, mode: 'bilinear', alignCorners: place === 'align_corners' });
    }
    const rows = Tensor.from(transposed(weights(height), height), [height.to, height.from]);
    return matmul(matmul(rows, x), Tensor.from(weights(width), [width.from, width.to]));
  };
}

function axesOf(node: ImportNode, x: Tensor, scales: Parameters<RunNode>[0][0], sizes: typeof scales): Axis[] {
  // An empty list stands for one that is left out.
  const factors = scales ? numbersOf(scales) : [];
  const wanted = sizes ? numbersOf(sizes) : [];
  const axes = x.shape.map((from, i): Axis => {
    const to = wanted.length > 0 ? wanted[i] : Math.floor(from * (factors[i] ?? 1));
    return { from, to, scale: wanted.length > 0 ? to / from : (factors[i] ?? 1) };
  });
  node.check(
    axes.every(({ from, to }, i) => Number.isInteger(to) && to > 0 && (i > 1 || from === to)),
    `makes [${axes.map(({ to }) => to)}] of [${x.shape}]; only height and width can be resized`,
  );
  return axes.slice(2);
}

/** How much of each old pixel is in each new one: [from, to]. Pixels beyond the border are those of the border. */
function weightsOf(
  node: ImportNode,
  mode: string,
  place: string,
  nearest: string,
): (axis: Axis) => Float32Array<ArrayBuffer> {
  const a = node.float('cubic_coeff_a', -0.75);
  const leavesOut = node.int('exclude_outside', 0) === 1;
  return (axis) => {
    const matrix = new Float32Array(hostSize(node.title, [axis.from, axis.to]));
    for (let i = 0; i < axis.to; i++) {
      const v = coordinates[place](i, axis);
      const first = Math.floor(v);
      const taps: [at: number, weight: number][] =
        mode === 'nearest'
          ? [[rounds[nearest](v), 1]]
          : mode === 'linear'
            ? [0, 1].map((k) => [first + k, 1 - Math.abs(v - first - k)])
            : [-1, 0, 1, 2].map((k) => [first + k, cubic(Math.abs(v - first - k), a)]);
      const inside = taps.filter(([at]) => !(leavesOut && mode === 'cubic') || (at >= 0 && at < axis.from));
      const total = inside.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [at, weight] of inside) {
        const row = Math.min(axis.from - 1, Math.max(0, at));
        matrix[row * axis.to + i] += weight / total;
      }
    }
    return matrix;
  };
}

/** Source: Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15. */
function cubic(d: number, a: number): number {
  if (d >= 2) return 0;
  return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
}

function transposed(matrix: Float32Array, { from, to }: Axis): Float32Array {
  return Float32Array.from(matrix, (_, i) => matrix[(i % from) * to + Math.floor(i / from)]);
}

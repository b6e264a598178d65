import { matmul } from '../tensor/ops/math/matmul.js';
import { upsample2d } from '../tensor/ops/nn/upsample2d.js';
import { Tensor } from '../tensor/tensor.js';
import { expectRoom } from './room.js';

/** Where pixel p of the result lies in the image: at p * scale, at (p + 1/2) * scale - 1/2, or with the corners on each other. */
export type Grid = 'asymmetric' | 'half_pixel' | 'align_corners';

/**
 * Resizes images as TensorFlow's `ResizeBilinear` and `ResizeNearestNeighbor` do.
 *
 * Shapes: x [N, C, H, W] -> [N, C, ...size]
 */
export function resizeImages(
  what: string,
  x: Tensor,
  size: readonly [number, number],
  mode: 'bilinear' | 'nearest',
  grid: Grid,
): Tensor {
  const [n, c, height, width] = x.shape;
  expectRoom(what, [n, c, ...size]);
  if (size[0] === height && size[1] === width) return x;
  const whole = size[0] % height === 0 && size[1] % width === 0;
  if (mode === 'bilinear' && grid !== 'asymmetric') {
    return upsample2d(x, { size, mode, alignCorners: grid === 'align_corners' });
  }
  if (mode === 'nearest' && grid !== 'align_corners' && whole) return upsample2d(x, { size });
  expectRoom(what, [n, c, size[0], width]);
  const rows = Tensor.from(matrix(height, size[0], mode, grid), [size[0], height]);
  const columns = transposed(matrix(width, size[1], mode, grid), size[1], width);
  return matmul(matmul(rows, x), columns);
}

/** The share of each old pixel in each new one, [to, from]. */
function matrix(from: number, to: number, mode: 'bilinear' | 'nearest', grid: Grid): Float32Array {
  expectRoom('a resize', [to, from]);
  // TensorFlow's kernels compute positions in single precision.
  const scale = grid === 'align_corners' && to > 1 ? Math.fround((from - 1) / (to - 1)) : Math.fround(from / to);
  const shares = new Float32Array(to * from);
  for (let p = 0; p < to; p++) {
    if (mode === 'nearest') {
      const at = grid === 'half_pixel' ? Math.fround((p + 0.5) * scale) : Math.fround(p * scale);
      const nearest = grid === 'align_corners' ? Math.round(at) : Math.floor(at);
      shares[p * from + Math.min(from - 1, nearest)] = 1;
      continue;
    }
    const at = grid === 'half_pixel' ? (p + 0.5) * scale - 0.5 : p * scale;
    const low = Math.min(from - 1, Math.max(0, Math.floor(at)));
    const share = Math.min(1, Math.max(0, at - low));
    shares[p * from + low] += 1 - share;
    shares[p * from + Math.min(from - 1, low + 1)] += share;
  }
  return shares;
}

function transposed(matrix: Float32Array, rows: number, columns: number): Tensor {
  return Tensor.from(
    Float32Array.from(matrix, (_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]),
    [columns, rows],
  );
}

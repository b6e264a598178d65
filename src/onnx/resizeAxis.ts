/** An axis that is resized: its old and new length, and how many new pixels the file says an old one makes. */
export interface Axis {
  from: number;
  to: number;
  scale: number;
}

const { fround } = Math;

/** Where pixel i of the result lies on the old axis. */
export const coordinates: Record<string, (i: number, axis: Axis) => number> = {
  half_pixel: (i, { scale }) => (i + 0.5) / scale - 0.5,
  half_pixel_symmetric: (i, { scale, from, to }) => {
    // The middle stays the middle where a length was rounded.
    const offset = (from / 2) * (1 - to / (scale * from));
    return offset + (i + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (i, { scale, to }) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
  tf_half_pixel_for_nn: (i, { scale }) => (i + 0.5) / scale,
  align_corners: (i, { from, to }) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0),
  // In float32, as PyTorch and onnxruntime divide: 6 by a scale of 1.2 is 5, not a hair less.
  asymmetric: (i, { scale }) => fround(i / fround(scale)),
};

/** Which pixel is nearest to a position; halves go down or up. */
export const rounds: Record<string, (v: number) => number> = {
  round_prefer_floor: (v) => Math.ceil(v - 0.5),
  round_prefer_ceil: (v) => Math.floor(v + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** The old pixel of each new one; beyond the border it is that of the border. */
export function nearestPixels(axis: Axis, place: string, nearest: string): number[] {
  const last = axis.from - 1;
  const at = (i: number): number => Math.min(last, Math.max(0, rounds[nearest](coordinates[place](i, axis))));
  return Array.from({ length: axis.to }, (_, i) => at(i));
}

/**
 * How much of each old pixel is in each new one, as [from, to] and as [to, from]: by straight lines, or by cubic curves with the
 * coefficient `a`. Pixels beyond the border are those of the border, or `leavesOut` them.
 */
export function resizeWeights(
  axis: Axis,
  place: string,
  curves: { a: number; leavesOut: boolean } | null,
): { matrix: Float32Array; transposed: Float32Array } {
  const { from, to } = axis;
  const matrix = new Float32Array(from * to);
  const transposed = new Float32Array(from * to);
  for (let i = 0; i < to; i++) {
    const v = coordinates[place](i, axis);
    const first = Math.floor(v);
    const taps = (curves ? [-1, 0, 1, 2] : [0, 1]).map((k): [at: number, weight: number] => {
      const distance = Math.abs(v - first - k);
      return [first + k, curves ? cubic(distance, curves.a) : 1 - distance];
    });
    const inside = taps.filter(([at]) => !curves?.leavesOut || (at >= 0 && at < from));
    const total = inside.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [at, weight] of inside) {
      const row = Math.min(from - 1, Math.max(0, at));
      matrix[row * to + i] += weight / total;
      transposed[i * from + row] += weight / total;
    }
  }
  return { matrix, transposed };
}

/** Source: Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15. */
function cubic(d: number, a: number): number {
  if (d >= 2) return 0;
  return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
}

import type { Floats } from '../../memory/memory.js';
import type { BatchNormGeometry } from '../contracts/normalization.js';

/** [0, dy]: what a rectifier lets through, by a computed index, for a branch would be mispredicted every other time. */
const choice = new Float64Array(2);

/** The sums of dy and of dy (x - m) over channel c; behind a rectifier of those dy alone whose y is positive. */
export function channelSums(
  dy: Floats,
  x: Floats,
  c: number,
  m: number,
  scale: number,
  shift: number,
  g: BatchNormGeometry,
): { dy: number; dyX: number } {
  const batch = g.batch;
  const spatial = g.spatial;
  const relu = g.relu;
  let a0 = 0;
  let a1 = 0;
  let b0 = 0;
  let b1 = 0;
  for (let n = 0; n < batch; n++) {
    let i = (n * g.channels + c) * spatial;
    const end = i + spatial;
    if (relu) {
      for (; i < end; i++) {
        const z = x[i] - m;
        choice[1] = dy[i];
        const d = choice[Number(z * scale + shift > 0)];
        a0 += d;
        b0 += d * z;
      }
      continue;
    }
    for (; i + 1 < end; i += 2) {
      const d0 = dy[i];
      const d1 = dy[i + 1];
      a0 += d0;
      a1 += d1;
      b0 += d0 * (x[i] - m);
      b1 += d1 * (x[i + 1] - m);
    }
    if (i < end) {
      a0 += dy[i];
      b0 += dy[i] * (x[i] - m);
    }
  }
  return { dy: a0 + a1, dyX: b0 + b1 };
}

/** dx += scale (dy - level - (x - m) slope) over channel c; where dx is dy itself, it is replaced. */
export function addSlope(
  dx: Floats,
  dy: Floats,
  x: Floats,
  c: number,
  m: number,
  scale: number,
  shift: number,
  level: number,
  slope: number,
  g: BatchNormGeometry,
): void {
  const batch = g.batch;
  const spatial = g.spatial;
  const relu = g.relu;
  const inPlace = dx === dy;
  for (let n = 0; n < batch; n++) {
    let i = (n * g.channels + c) * spatial;
    const end = i + spatial;
    if (relu) {
      for (; i < end; i++) {
        const z = x[i] - m;
        choice[1] = dy[i];
        const d = choice[Number(z * scale + shift > 0)];
        const v = scale * (d - level - z * slope);
        dx[i] = inPlace ? v : dx[i] + v;
      }
    } else if (inPlace) {
      for (; i < end; i++) dx[i] = scale * (dy[i] - level - (x[i] - m) * slope);
    } else {
      for (; i < end; i++) dx[i] += scale * (dy[i] - level - (x[i] - m) * slope);
    }
  }
}

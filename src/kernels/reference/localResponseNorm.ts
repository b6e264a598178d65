import type { Floats } from '../../memory/memory.js';
import type { LocalResponseNormGeometry } from '../contracts/normalization.js';

/** y[c] = x[c] s[c]^-beta, s[c] = k + alpha/size * sum of x[j]^2 over channels c - floor(size/2) <= j <= c + floor((size-1)/2) */
export function localResponseNorm(y: Floats, x: Floats, g: LocalResponseNormGeometry): void {
  for (let n = 0; n < g.batch; n++) {
    for (let c = 0; c < g.channels; c++) {
      for (let i = 0; i < g.spatial; i++) {
        const at = (n * g.channels + c) * g.spatial + i;
        y[at] = x[at] * neighborhood(x, n, c, i, g) ** -g.beta;
      }
    }
  }
}

/**
 * dx[j] = dy[j] s[j]^-beta - 2 beta alpha/size x[j] * sum of dy[c] x[c] s[c]^(-beta-1) over all c whose neighborhood
 * has j in it: its own response, less what it damped in others.
 */
export function localResponseNormBackward(dx: Floats, dy: Floats, x: Floats, g: LocalResponseNormGeometry): void {
  for (let n = 0; n < g.batch; n++) {
    for (let j = 0; j < g.channels; j++) {
      const first = Math.max(j - Math.floor((g.size - 1) / 2), 0);
      const last = Math.min(j + Math.floor(g.size / 2), g.channels - 1);
      for (let i = 0; i < g.spatial; i++) {
        const at = (n * g.channels + j) * g.spatial + i;
        // (1) what x[j] damped in its neighbors and itself
        let damped = 0;
        for (let c = first; c <= last; c++) {
          const other = (n * g.channels + c) * g.spatial + i;
          damped += dy[other] * x[other] * neighborhood(x, n, c, i, g) ** (-g.beta - 1);
        }
        // (2) its own response, less that
        const own = dy[at] * neighborhood(x, n, j, i, g) ** -g.beta;
        dx[at] += own - ((2 * g.beta * g.alpha) / g.size) * x[at] * damped;
      }
    }
  }
}

/** s[c] at pixel i of image n. */
function neighborhood(x: Floats, n: number, c: number, i: number, g: LocalResponseNormGeometry): number {
  const first = Math.max(c - Math.floor(g.size / 2), 0);
  const last = Math.min(c + Math.floor((g.size - 1) / 2), g.channels - 1);
  let squares = 0;
  for (let j = first; j <= last; j++) squares += x[(n * g.channels + j) * g.spatial + i] ** 2;
  return g.k + (g.alpha / g.size) * squares;
}

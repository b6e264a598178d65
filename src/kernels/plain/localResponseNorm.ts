import type { Floats } from '../../memory/memory.js';
import type { LocalResponseNormGeometry } from '../contracts/normalization.js';

/** Pixels innermost, so that the neighboring channels are read as parallel streams; beta = 0.75 takes two square roots, no power. */
export function localResponseNorm(y: Floats, x: Floats, g: LocalResponseNormGeometry): void {
  const batch = g.batch;
  const channels = g.channels;
  const spatial = g.spatial;
  const before = Math.floor(g.size / 2);
  const after = Math.floor((g.size - 1) / 2);
  const factor = g.alpha / g.size;
  const beta = g.beta;
  const k = g.k;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const first = (n * channels + (c < before ? 0 : c - before)) * spatial;
      const last = (n * channels + (c + after < channels ? c + after : channels - 1)) * spatial;
      const start = (n * channels + c) * spatial;
      for (let i = 0; i < spatial; i++) {
        let squares = 0;
        for (let j = first + i; j <= last + i; j += spatial) squares += x[j] * x[j];
        const s = k + factor * squares;
        const root = Math.sqrt(s);
        const damping = beta === 0.75 ? 1 / (root * Math.sqrt(root)) : s ** -beta;
        y[start + i] = x[start + i] * damping;
      }
    }
  }
}

/**
 * Seen from the channel c that is damped, instead of from the one that damps: s[c] and its power are then computed
 * once, and what each neighbor owes is taken from its dx.
 */
export function localResponseNormBackward(dx: Floats, dy: Floats, x: Floats, g: LocalResponseNormGeometry): void {
  const batch = g.batch;
  const channels = g.channels;
  const spatial = g.spatial;
  const before = Math.floor(g.size / 2);
  const after = Math.floor((g.size - 1) / 2);
  const factor = g.alpha / g.size;
  const beta = g.beta;
  const k = g.k;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      const first = (n * channels + (c < before ? 0 : c - before)) * spatial;
      const last = (n * channels + (c + after < channels ? c + after : channels - 1)) * spatial;
      const start = (n * channels + c) * spatial;
      for (let i = 0; i < spatial; i++) {
        let squares = 0;
        for (let j = first + i; j <= last + i; j += spatial) squares += x[j] * x[j];
        const s = k + factor * squares;
        const root = Math.sqrt(s);
        const damping = beta === 0.75 ? 1 / (root * Math.sqrt(root)) : s ** -beta;
        // (2) its own response, less (1) what its neighbors and itself damped in it
        const own = dy[start + i] * damping;
        dx[start + i] += own;
        const owed = (2 * beta * factor * own * x[start + i]) / s;
        for (let j = first + i; j <= last + i; j += spatial) dx[j] -= owed * x[j];
      }
    }
  }
}

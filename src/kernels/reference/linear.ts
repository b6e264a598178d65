import type { Floats } from '../../memory/memory.js';
import type { LinearGeometry } from '../contracts/matrix.js';

/** y[n,o] = b[o] + sum over i of x[n,i] * w[o,i] */
export function linear(y: Floats, x: Floats, w: Floats, b: Floats | null, g: LinearGeometry): void {
  for (let n = 0; n < g.batch; n++) {
    for (let o = 0; o < g.outFeatures; o++) {
      let sum = b === null ? 0 : b[o];
      for (let i = 0; i < g.inFeatures; i++) sum += x[n * g.inFeatures + i] * w[o * g.inFeatures + i];
      y[n * g.outFeatures + o] = sum;
    }
  }
}

/** dx[n,i] += sum over o of dy[n,o] * w[o,i] */
export function linearBackwardInput(dx: Floats, dy: Floats, w: Floats, g: LinearGeometry): void {
  for (let n = 0; n < g.batch; n++) {
    for (let i = 0; i < g.inFeatures; i++) {
      let sum = 0;
      for (let o = 0; o < g.outFeatures; o++) sum += dy[n * g.outFeatures + o] * w[o * g.inFeatures + i];
      dx[n * g.inFeatures + i] += sum;
    }
  }
}

/** dw[o,i] += sum over n of dy[n,o] * x[n,i] */
export function linearBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: LinearGeometry): void {
  for (let o = 0; o < g.outFeatures; o++) {
    for (let i = 0; i < g.inFeatures; i++) {
      let sum = 0;
      for (let n = 0; n < g.batch; n++) sum += dy[n * g.outFeatures + o] * x[n * g.inFeatures + i];
      dw[o * g.inFeatures + i] += sum;
    }
  }
}

/** db[o] += sum over n of dy[n,o] */
export function linearBackwardBias(db: Floats, dy: Floats, g: LinearGeometry): void {
  for (let o = 0; o < g.outFeatures; o++) {
    let sum = 0;
    for (let n = 0; n < g.batch; n++) sum += dy[n * g.outFeatures + o];
    db[o] += sum;
  }
}

/** The textbook loops need no scratch space. */
export function linearWorkspace(): number {
  return 0;
}

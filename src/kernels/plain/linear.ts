import type { Floats } from '../../memory/memory.js';
import type { LinearGeometry } from '../contracts/matrix.js';
import { addProduct, productWorkspace } from './product.js';

/** y[n,o] = b[o] + sum over i of x[n,i] * w[o,i]: y = b + x w^T */
export function linear(y: Floats, x: Floats, w: Floats, b: Floats | null, g: LinearGeometry, workspace: Floats): void {
  const { batch, inFeatures, outFeatures } = g;
  if (b === null) y.fill(0);
  else for (let n = 0; n < batch; n++) y.set(b, n * outFeatures);
  addProduct(y, 0, x, 0, inFeatures, 1, w, 0, 1, inFeatures, batch, outFeatures, inFeatures, workspace);
}

/** dx[n,i] += sum over o of dy[n,o] * w[o,i]: dx += dy w */
export function linearBackwardInput(dx: Floats, dy: Floats, w: Floats, g: LinearGeometry, workspace: Floats): void {
  const { batch, inFeatures, outFeatures } = g;
  addProduct(dx, 0, dy, 0, outFeatures, 1, w, 0, inFeatures, 1, batch, inFeatures, outFeatures, workspace);
}

/** dw[o,i] += sum over n of dy[n,o] * x[n,i]: dw += dy^T x */
export function linearBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: LinearGeometry, workspace: Floats): void {
  const { batch, inFeatures, outFeatures } = g;
  addProduct(dw, 0, dy, 0, 1, outFeatures, x, 0, inFeatures, 1, outFeatures, inFeatures, batch, workspace);
}

export { linearBackwardBias } from '../reference/linear.js';

export function linearWorkspace(pass: 'forward' | 'backwardInput' | 'backwardWeight', g: LinearGeometry): number {
  const { batch, inFeatures, outFeatures } = g;
  if (pass === 'forward') return productWorkspace(batch, outFeatures, inFeatures);
  if (pass === 'backwardInput') return productWorkspace(batch, inFeatures, outFeatures);
  return productWorkspace(outFeatures, inFeatures, batch);
}

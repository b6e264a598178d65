import type { Floats } from '../../../memory/memory.js';
import type { LinearGeometry } from '../../contracts/matrix.js';
import { bias } from '../conv/columnsProgram.js';
import { biasEpilogue } from '../conv/epilogue.js';
import { linearFused } from './linearFused.js';
import { product, productWorkspace } from './product.js';

/** y = x w^T + b. */
export function linear(y: Floats, x: Floats, w: Floats, b: Floats | null, g: LinearGeometry): void {
  linearFused(y, x, w, biasEpilogue(b), g);
}

export function linearBackwardInput(dx: Floats, dy: Floats, w: Floats, g: LinearGeometry, workspace: Floats): void {
  const { batch, inFeatures: I, outFeatures: O } = g;
  const a = { pointer: dy.byteOffset, rowStride: 4 * O, columnStride: 4 };
  const b = { pointer: w.byteOffset, rowStride: 4 * I, columnStride: 4 };
  product(dx.byteOffset, 4 * I, a, b, batch, I, O, true, workspace.byteOffset);
}

export function linearBackwardWeight(dw: Floats, dy: Floats, x: Floats, g: LinearGeometry, workspace: Floats): void {
  const { batch, inFeatures: I, outFeatures: O } = g;
  const a = { pointer: dy.byteOffset, rowStride: 4, columnStride: 4 * O };
  const b = { pointer: x.byteOffset, rowStride: 4 * I, columnStride: 4 };
  product(dw.byteOffset, 4 * I, a, b, O, I, batch, true, workspace.byteOffset);
}

export function linearBackwardBias(db: Floats, dy: Floats, g: LinearGeometry): void {
  bias.run(
    { db: db.byteOffset, dy: dy.byteOffset, batch: g.batch, channels: g.outFeatures, pixels: 1 },
    g.outFeatures,
    Math.max(1, Math.ceil(16384 / Math.max(1, g.batch))),
  );
}

export function linearWorkspace(pass: 'forward' | 'backwardInput' | 'backwardWeight', g: LinearGeometry): number {
  if (pass === 'forward') return 0;
  if (pass === 'backwardInput') return productWorkspace(g.batch, g.inFeatures, g.outFeatures);
  return productWorkspace(g.outFeatures, g.inFeatures, g.batch);
}

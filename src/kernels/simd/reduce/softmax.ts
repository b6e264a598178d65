import type { Floats } from '../../../memory/memory.js';
import type { SoftmaxGeometry } from '../../contracts/activations.js';
import { softmaxes } from './softmaxProgram.js';

/** Exponentials that are worth a thread. */
const GRAIN = 4096;

/**
 * Numerics: exponentials in float32, their sum in doubles; the relative error of y is below that of exp(x - max), a few
 * units in the last place and u |x - max|, plus two roundings.
 */
export function softmax(y: Floats, x: Floats, g: SoftmaxGeometry): void {
  run('softmax', y.byteOffset, x.byteOffset, 0, g);
}

/** Numerics: the sum of dy y is accumulated in doubles. */
export function softmaxBackward(dx: Floats, dy: Floats, y: Floats, g: SoftmaxGeometry): void {
  run('softmaxBackward', dx.byteOffset, dy.byteOffset, y.byteOffset, g);
}

/** Numerics: as softmax; log of the sum in float32, so that the error is a few u (1 + |y|). */
export function logSoftmax(y: Floats, x: Floats, g: SoftmaxGeometry): void {
  run('logSoftmax', y.byteOffset, x.byteOffset, 0, g);
}

export function logSoftmaxBackward(dx: Floats, dy: Floats, y: Floats, g: SoftmaxGeometry): void {
  run('logSoftmaxBackward', dx.byteOffset, dy.byteOffset, y.byteOffset, g);
}

type Name = 'softmax' | 'softmaxBackward' | 'logSoftmax' | 'logSoftmaxBackward';

function run(name: Name, a: number, b: number, c: number, { outer, axis, inner }: SoftmaxGeometry): void {
  if (axis * inner === 0) return;
  const layout = inner === 1 ? 'rows' : 'columns';
  const units = inner === 1 ? outer : outer * Math.ceil(inner / 4);
  const unitSize = inner === 1 ? axis : 4 * axis;
  softmaxes[`${name}_${layout}`].run({ a, b, c, axis, inner }, units, Math.ceil(GRAIN / unitSize));
}

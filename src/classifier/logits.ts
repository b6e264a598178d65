import { ShapeError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { pause } from '../data/pause.js';
import type { Module } from '../layers/module.js';
import { scope, withoutTape } from '../tensor/scope.js';
import { Tensor } from '../tensor/tensor.js';
import type { Preprocessing } from './preprocessing.js';

/** Inputs that go through the network in one piece. */
const BATCH = 16;

/**
 * What a network gives for pictures, averaged over the views of each.
 *
 * Shapes: for each picture its views [C, height, width] -> for each picture [K].
 */
export async function logitsOf(
  model: Pick<Module, 'predict'>,
  pictures: readonly (readonly Float32Array[])[],
  { size, colorOrder }: Preprocessing,
): Promise<Float32Array[]> {
  const inputs = pictures.flatMap((views, picture) =>
    views.map((data) => ({ data, picture, weight: 1 / views.length })),
  );
  const sums: Float64Array[] = [];
  const [height, width] = size;
  const channels = colorOrder === 'L' ? 1 : 3;
  for (let from = 0; from < inputs.length; from += BATCH) {
    const part = inputs.slice(from, from + BATCH);
    withoutTape(() =>
      scope(() => {
        const x = Tensor.empty('classify', [part.length, channels, height, width]);
        for (const [i, { data }] of part.entries()) x.data.set(data, i * data.length);
        const y = model.predict(x);
        if (y.shape.length !== 2 || y.shape[0] !== part.length) {
          throw new ShapeError(
            `classify: the model gives ${formatShape(y.shape)} for ${part.length} pictures, but must give logits [${part.length}, K].`,
          );
        }
        const classes = y.shape[1];
        for (const [i, { picture, weight }] of part.entries()) {
          const sum = (sums[picture] ??= new Float64Array(classes));
          for (let k = 0; k < classes; k++) sum[k] += weight * y.data[i * classes + k];
        }
      }),
    );
    await pause();
  }
  return sums.map((sum) => Float32Array.from(sum));
}

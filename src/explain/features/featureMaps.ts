import { checkOptions } from '../../base/checkOptions.js';
import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import { withMode } from '../../layers/withMode.js';
import { withoutTape } from '../../tensor/scope.js';
import { Tensor } from '../../tensor/tensor.js';
import { expectPictures } from '../inputGradient.js';
import { type LayerOptions, layerNamed, watchingLayers } from '../layers.js';

/**
 * What a layer gives for pictures: one map for each of its channels. Without a name, the last layer whose maps have more than one pixel.
 *
 * Shapes: x [N, C, H, W] -> [N, D, h, w].
 *
 * Throws `ArgumentError` for a layer that isn't there or gives no maps.
 *
 * @example
 * featureMaps(createModel('resnet18'), images, { layer: 'layer1' }).shape; // [8, 64, 56, 56]
 */
export function featureMaps(model: Module, x: Tensor, options: LayerOptions = {}): Tensor {
  checkOptions('featureMaps', options, ['layer']);
  expectPictures('featureMaps', model, x);
  const { layer } = options;
  if (layer !== undefined) layerNamed('featureMaps', model, layer);
  let found: { shape: readonly number[]; data: Float32Array } | undefined;
  withoutTape(() =>
    withMode(model, 'eval', () =>
      watchingLayers(
        model,
        (name, { shape, data }) => {
          const isWanted = layer === undefined ? shape.length === 4 && shape[2] * shape[3] > 1 : name === layer;
          if (isWanted) found = { shape, data: Float32Array.from(data) };
        },
        () => {
          model.forward(x);
        },
      ),
    ),
  );
  if (found !== undefined && found.shape.length === 4) return Tensor.from(found.data, found.shape);
  throw new ArgumentError(
    found === undefined
      ? `featureMaps: ${layer === undefined ? 'no layer gives maps of more than one pixel' : `layer '${layer}' does not run when the model predicts`}.`
      : `featureMaps: layer '${layer}' gives [${found.shape.join(', ')}], but must give maps [N, D, h, w].`,
  );
}

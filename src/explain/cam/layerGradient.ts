import { ArgumentError } from '../../base/errors.js';
import type { Module } from '../../layers/module.js';
import { withMode } from '../../layers/withMode.js';
import { Tape } from '../../tensor/tape.js';
import type { Tensor } from '../../tensor/tensor.js';
import { expectPictures } from '../inputGradient.js';
import { layerNamed, watchingLayers } from '../layers.js';
import { summedScore, targetsOf } from '../target.js';

/** Maps of a layer and the gradient of the logit by them: both [N, C, H, W]. */
export interface LayerGradient {
  readonly layer: string;
  readonly shape: readonly [number, number, number, number];
  readonly maps: Float32Array;
  readonly gradient: Float32Array;
}

/**
 * The maps of a layer and the gradient of the logit of each picture's class by them: one pass forward, and one back from the logits to the layer.
 *
 * Throws `ArgumentError` for a layer that isn't there, doesn't run or gives no maps.
 */
export function layerGradient(
  who: string,
  model: Module,
  x: Tensor,
  target: number | readonly number[] | undefined,
  layer: string | undefined,
): LayerGradient {
  expectPictures(who, model, x);
  if (layer !== undefined) layerNamed(who, model, layer);
  return withMode(model, 'eval', () => {
    const tape = new Tape();
    try {
      let name = layer;
      let maps: Tensor | undefined;
      const visit = (each: string, output: Tensor): void => {
        if (layer === undefined ? !isMap(output) : each !== layer) return;
        name = each;
        maps = output;
      };
      const logits = watchingLayers(model, visit, () => model.forward(x));
      const targets = targetsOf(who, logits, target);
      if (maps === undefined || name === undefined) throw noMaps(who, model, layer);
      if (maps.shape.length !== 4) {
        throw new ArgumentError(
          `${who}: layer '${name}' gives [${maps.shape.join(', ')}], but must give maps [N, C, H, W]. Name a layer before the maps are averaged.`,
        );
      }
      const [gradient] = tape.gradient(summedScore(logits, targets), [maps]);
      return {
        layer: name,
        shape: maps.shape as unknown as LayerGradient['shape'],
        maps: Float32Array.from(maps.data),
        gradient: Float32Array.from(gradient.data),
      };
    } finally {
      tape.close();
    }
  });
}

/** More than one pixel per channel. */
export function isMap({ shape }: Tensor): boolean {
  return shape.length === 4 && shape[2] * shape[3] > 1;
}

function noMaps(who: string, model: Module, layer: string | undefined): ArgumentError {
  return new ArgumentError(
    layer === undefined
      ? `${who}: no layer of ${model.constructor.name} gives maps of more than one pixel.`
      : `${who}: layer '${layer}' does not run when the model predicts.`,
  );
}

import { ArgumentError, ShapeError, StridenetError } from '../base/errors.js';
import { formatShape } from '../base/shape.js';
import { headOf } from '../layers/head.js';
import type { Module } from '../layers/module.js';
import { logitsOfKind } from './probabilities.js';
import type { ClassifierSettings } from './settings.js';

/**
 * Throws unless the network gives as many logits as the classes need, as far as its last layer tells. What only a run would show is found when
 * a photograph is classified.
 */
export function expectOutputs(
  model: Module,
  { kind, classes }: ClassifierSettings,
  Kind: new (message: string) => StridenetError = ArgumentError,
): void {
  const needed = logitsOfKind(kind, classes.length);
  let shape: readonly number[];
  try {
    shape = headOf(model, 'ImageClassifier')[1].weight.shape;
  } catch (cause) {
    if (cause instanceof StridenetError && !(cause instanceof ShapeError)) return;
    throw cause;
  }
  if (shape[0] === needed) return;
  throw new Kind(
    `ImageClassifier: ${classes.length} classes of kind '${kind}' need ${needed} logits, but the last layer of the ${model.constructor.name} gives ${shape[0]} (weight ${formatShape(shape)}).`,
  );
}

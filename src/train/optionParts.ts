import { averageWeights } from './averageWeights.js';
import { clipGradients } from './clipGradients.js';
import { slowWeights } from './slowWeights.js';
import type { TrainingPart } from './trainingPart.js';
import type { TrainOptions } from './trainOptions.js';

/** The callbacks that some options of `fit` stand for, by the names that they have in checkpoints. */
export function optionParts({ lookahead, average, clipNorm }: TrainOptions): Map<string, TrainingPart> {
  const parts = new Map<string, TrainingPart>();
  if (lookahead !== undefined) parts.set('lookahead', slowWeights(lookahead));
  // After lookahead: it averages the weights that training goes on with.
  if (average !== undefined) parts.set('average', averageWeights(average));
  if (clipNorm !== undefined) parts.set('clipNorm', clipGradients({ norm: clipNorm }));
  return parts;
}

import type { Callback } from '../../train/callbacks.js';
import type { History } from '../../train/history.js';
import type { ImageClassifier } from '../imageClassifier.js';
import type { Skipped } from './features.js';
import type { Measured } from './measured.js';
import type { MeasuredLabels } from './measuredLabels.js';
import type { TrainClassifierOptions } from './options.js';

/** What either way of training gives. */
export interface Trained {
  readonly classifier: ImageClassifier;
  readonly heldOut: Measured | MeasuredLabels;
  readonly skipped: readonly Skipped[];
  readonly history: History | null;
}

/** Tells how many epochs are behind. */
export function progressOf(total: number, onProgress: TrainClassifierOptions['onProgress']): Callback {
  return {
    onStep: (run) => onProgress?.({ phase: 'fine-tuning', done: run.progress * total, total }),
  };
}

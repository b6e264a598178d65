import type { Lookahead } from '../optim/lookahead.js';
import type { TrainingPart } from './trainingPart.js';

/**
 * Updates the slow weights of `Lookahead` after each step, and leaves them in the model at the end, in time for the last validation. An aborted
 * run keeps its fast weights, since it may be resumed. Same as the option `lookahead` of `fit`.
 *
 * @example
 * const lookahead = new Lookahead(model, { every: 5 });
 * await fit(model, { train, validation, optimizer, epochs: 10, callbacks: [slowWeights(lookahead)] });
 */
export function slowWeights(lookahead: Lookahead): TrainingPart {
  return {
    onStep: ({ step, progress }) => lookahead.update(step, progress),
    onEvaluationStart(run, epoch) {
      if (run.isLast(epoch)) lookahead.finish();
    },
    onEpochEnd(run, { epoch }) {
      if (run.isLast(epoch)) lookahead.finish();
    },
    onTrainEnd({ step }, reason) {
      if (reason !== 'aborted' && step > 0) lookahead.finish();
    },
    saveState: () => lookahead.stateDict(),
    loadState: (state) => lookahead.loadStateDict(state),
  };
}

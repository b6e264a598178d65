import type { WeightAverage } from '../optim/weightAverage.js';
import type { TrainingPart } from './trainingPart.js';

/**
 * Updates an average of the weights after each step, and puts it into the model while the model is validated or its best weights are copied.
 * Training goes on with its own weights; `average.swap()` puts the average into the model afterwards. Same as the option `average` of `fit`.
 *
 * @example
 * const average = new ExponentialMovingAverage(model, { decay: 0.999 });
 * await fit(model, { train, validation, optimizer, epochs: 10, callbacks: [averageWeights(average)] });
 * average.swap();
 */
export function averageWeights(average: WeightAverage): TrainingPart {
  let isSwapped = false;
  const swap = (): void => {
    average.swap();
    isSwapped = !isSwapped;
  };
  return {
    onStep: ({ step, progress }) => average.update(step, progress),
    // Before the first step there is no average.
    onMeasureStart({ step }) {
      if (step > 0) swap();
    },
    onMeasureEnd() {
      if (isSwapped) swap();
    },
    saveState: () => average.stateDict(),
    loadState: (state) => average.loadStateDict(state),
  };
}

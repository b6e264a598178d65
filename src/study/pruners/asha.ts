import { checkOptions } from '../../base/checkOptions.js';
import { type HalvingOptions, readHalving } from './halvingOptions.js';
import { GO_ON, type Pruner } from './pruner.js';
import { insertScore, rungsBelow } from './scores.js';

/**
 * Asynchronous successive halving: at the steps `least`, `least` * `eta` and so on, a trial goes on only if it is among the best 1 / `eta` of
 * those that got there so far. No worker ever waits.
 *
 * Source: Li et al. 2020, "A system for massively parallel hyperparameter tuning", in the form that stops trials instead of pausing them.
 */
export function ashaPruner(options: HalvingOptions): Pruner {
  checkOptions('ashaPruner', options, ['least', 'most', 'eta']);
  const { least, most, eta } = readHalving('ashaPruner', options);
  const rungs = rungsBelow(least, most, eta);
  return {
    name: 'asha',
    settings: { least, most, eta },
    begin() {
      const scores: number[][] = rungs.map(() => []);
      const levels = new Map<number, number>();
      return {
        untilOf: () => undefined,
        ended: () => GO_ON,
        report(number, step, score) {
          let level = levels.get(number) ?? 0;
          let isOut = false;
          for (; level < rungs.length && step >= rungs[level] && !isOut; level++) {
            const place = insertScore(scores[level], score);
            isOut = place >= Math.max(1, Math.floor(scores[level].length / eta));
          }
          levels.set(number, level);
          return isOut ? [{ number, fate: 'stop' }] : GO_ON;
        },
      };
    },
  };
}

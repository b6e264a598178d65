import { GroupError } from '../../base/errors.js';
import type { ProcessGroup } from '../../distributed/processGroup.js';
import type { TrainingRun } from '../run.js';
import { bytesToDoubles, doublesToBytes } from './numbers.js';

const WISHES = [null, 'stopped', 'aborted'] as const;

/**
 * Lets the ranks of a group agree on whether the run ends here: it does when one of them wants to, and an abort counts more than a stop. The clock of
 * rank 0 becomes that of all, so that what depends on time happens at the same step.
 *
 * Throws `GroupError` when the ranks are not at the same step.
 */
export async function agree(run: TrainingRun, group: ProcessGroup): Promise<void> {
  const own = [WISHES.indexOf(run.requested), run.clock.seconds, run.step];
  const all = (await group.gather(doublesToBytes(own))).map(bytesToDoubles);
  const steps = all.map(([, , step]) => step);
  if (steps.some((step) => step !== run.step)) {
    throw new GroupError(
      `fit: the ranks are at different steps: ${steps.join(', ')}. Training data must give all ranks the same number of batches.`,
    );
  }
  run.agreed = WISHES[Math.max(...all.map(([wish]) => wish))];
  run.clock.seconds = all[0][1];
  group.lastCommonStep = run.step;
}

import { GO_ON, type PrunerDecision, type PrunerRun } from './pruner.js';

/** Trials that compete: at each rung, the best 1 / `eta` of those that got there go on to the next. */
export interface CohortPlan {
  /** How many trials. */
  readonly size: number;
  /** Steps at which they wait for each other, in order. */
  readonly rungs: readonly number[];
  /** The step at which the last survivors are complete. */
  readonly most: number;
  /** One of so many goes on. */
  readonly eta: number;
}

interface Cohort {
  plan: CohortPlan;
  /** Trials of the present rung: how many there will be, and which have got there. */
  level: number;
  members: number;
  scores: { number: number; score: number }[];
  /** Trials of the present rung that ended before it. */
  gone: Set<number>;
}

/**
 * Rungs at which trials wait for their rivals. `plans` are used in turn: the first trials form the first cohort, and so on. The last cohort is
 * smaller where the study ends before.
 */
export function runCohorts(plans: readonly CohortPlan[], trials: number | undefined): PrunerRun {
  const cohorts = new Map<number, Cohort>();
  const turn = plans.reduce((sum, { size }) => sum + size, 0);

  function cohortOf(number: number): Cohort {
    let start = Math.floor(number / turn) * turn;
    let i = 0;
    while (number >= start + plans[i].size) start += plans[i++].size;
    let cohort = cohorts.get(start);
    if (cohort === undefined) {
      const members = Math.min(plans[i].size, (trials ?? Number.POSITIVE_INFINITY) - start);
      cohort = { plan: plans[i], level: 0, members, scores: [], gone: new Set() };
      cohorts.set(start, cohort);
    }
    return cohort;
  }

  const untilAt = ({ plan, level }: Cohort): number => plan.rungs[level] ?? plan.most;

  /** When all have got to the rung or ended, the best go on, and the others are over. */
  function settle(cohort: Cohort): PrunerDecision[] {
    const { plan, scores, gone } = cohort;
    if (cohort.level >= plan.rungs.length || scores.length + gone.size < cohort.members) return [];
    scores.sort((a, b) => b.score - a.score || a.number - b.number);
    const kept = Math.min(scores.length, Math.max(1, Math.floor(cohort.members / plan.eta)));
    const [winners, losers] = [scores.slice(0, kept), scores.slice(kept)];
    cohort.level++;
    cohort.members = kept;
    cohort.scores = [];
    gone.clear();
    return [
      ...losers.map(({ number }) => ({ number, fate: 'stop' as const })),
      ...winners.map(({ number }) => ({ number, fate: 'promote' as const, until: untilAt(cohort) })),
    ];
  }

  return {
    untilOf: (number) => untilAt(cohortOf(number)),
    isLast(number) {
      const { plan, level } = cohortOf(number);
      return level >= plan.rungs.length;
    },
    report(number, step, score) {
      const cohort = cohortOf(number);
      const { plan, level, scores } = cohort;
      if (level >= plan.rungs.length || step < plan.rungs[level]) return GO_ON;
      scores.push({ number, score });
      return [{ number, fate: 'pause' }, ...settle(cohort)];
    },
    ended(number) {
      const cohort = cohortOf(number);
      // It may have got to this rung before, if its worker did not pause.
      if (cohort.scores.some((each) => each.number === number)) return GO_ON;
      cohort.gone.add(number);
      return settle(cohort);
    },
  };
}

import { scoreOf } from './objectives.js';
import type { SearchParameter } from './space.js';
import type { Study } from './study.js';
import { toUnit } from './unit.js';

/** Parts of a number's range that are compared. */
const PARTS = 6;

/**
 * How much of the variance of an objective each parameter explains alone, from 0 to 1: the correlation ratio, with ranges of numbers cut into at
 * most 6 parts of equally many trials. Corrected for chance, so a parameter without influence has about 0. What parameters do together, it does
 * not see.
 *
 * `objective` is the first unless it is given. Trials without a result, and those in which a parameter isn't active, don't count for it.
 *
 * Source: the correlation ratio of Pearson 1905, in the form of Kelley 1935, "An unbiased correlation ratio measure" (epsilon squared).
 */
export function parameterImportance(study: Study, objective?: string): Record<string, number> {
  const name = objective ?? Object.keys(study.objectives)[0];
  const done = study.trials.filter(({ values }) => values?.[name] !== undefined);
  return Object.fromEntries(
    Object.entries(study.space).map(([key, parameter]) => {
      const points = done
        .filter(({ config }) => key in config)
        .map(({ config, values }) => ({
          u: toUnit(parameter, config[key]),
          y: scoreOf(study.objectives[name], values?.[name] as number),
        }));
      return [key, explained(groupsOf(parameter, points))];
    }),
  );
}

function groupsOf(parameter: SearchParameter, points: readonly { u: number; y: number }[]): number[][] {
  const sorted = [...points].sort((a, b) => a.u - b.u);
  const values = new Set(sorted.map(({ u }) => u));
  const groups = new Map<number, number[]>();
  sorted.forEach(({ u, y }, i) => {
    const parts = Math.min(PARTS, Math.floor(Math.sqrt(sorted.length)));
    const group = parameter.type === 'choice' || values.size <= PARTS ? u : Math.floor((i * parts) / sorted.length);
    groups.set(group, [...(groups.get(group) ?? []), y]);
  });
  return [...groups.values()];
}

function explained(groups: readonly (readonly number[])[]): number {
  const all = groups.flat();
  const mean = average(all);
  const total = all.reduce((sum, y) => sum + (y - mean) ** 2, 0);
  const inside = groups.reduce((sum, group) => {
    const center = average(group);
    return sum + group.reduce((part, y) => part + (y - center) ** 2, 0);
  }, 0);
  const free = all.length - groups.length;
  if (!(total > 0) || free <= 0) return 0;
  return Math.max(0, 1 - inside / free / (total / (all.length - 1)));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, y) => sum + y, 0) / values.length;
}

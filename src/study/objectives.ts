import { describeValue } from '../base/describeValue.js';
import { ArgumentError } from '../base/errors.js';

/** Which way is better. */
export type Direction = 'minimize' | 'maximize';

/** What is measured of a trial, by name; reports to pruners are about the first. */
export type Objectives = Readonly<Record<string, Direction>>;

/** What `tell` takes: a number where there is one objective, or a number for each. */
export type TrialResult = number | Readonly<Record<string, number>>;

/** Throws `ArgumentError` for objectives that make no sense. */
export function checkObjectives(who: string, objectives: Objectives): void {
  if (typeof objectives !== 'object' || objectives === null || Object.keys(objectives).length === 0) {
    throw new ArgumentError(`${who}: there is no objective. Pass one, such as { accuracy: 'maximize' }.`);
  }
  for (const [name, direction] of Object.entries(objectives)) {
    if (direction === 'minimize' || direction === 'maximize') continue;
    throw new ArgumentError(
      `${who}: the objective '${name}' is ${describeValue(direction)}, but must be 'minimize' or 'maximize'.`,
    );
  }
}

/** The numbers of a result in the order of the objectives. Throws `ArgumentError` where one is missing or too many. */
export function readResult(who: string, objectives: Objectives, result: TrialResult): number[] {
  const names = Object.keys(objectives);
  const found = typeof result === 'number' && names.length === 1 ? { [names[0]]: result } : result;
  const wanted = names.length === 1 ? `a number, or { ${names[0]} }` : `an object { ${names.join(', ')} }`;
  if (typeof found !== 'object' || found === null) {
    throw new ArgumentError(`${who}: the result is ${describeValue(result)}, but must be ${wanted}.`);
  }
  const strange = Object.keys(found).find((name) => !names.includes(name));
  const missing = names.find((name) => typeof found[name] !== 'number');
  if (strange !== undefined || missing !== undefined) {
    const what = missing === undefined ? `has '${strange}', which is no objective` : `has no number for '${missing}'`;
    throw new ArgumentError(`${who}: the result ${what}. It must be ${wanted}.`);
  }
  return names.map((name) => found[name]);
}

/** The value as a score, of which larger is better. */
export function scoreOf(direction: Direction, value: number): number {
  return direction === 'maximize' ? value : -value;
}

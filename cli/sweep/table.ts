import { parameterImportance, type Study, type TrialInfo } from '../../src/study/index.js';

/** Trials that the table on the terminal has. */
const BEST = 10;

/** All trials as data, by number. It holds no times and no names of machines, so equal sweeps give equal tables. */
export function sweepRows({ trials }: Study): object[] {
  return trials.map(({ number, key, config, state, values, reason, reports }) => ({
    number,
    key,
    config,
    state,
    values,
    reason,
    steps: reports.at(-1)?.step,
  }));
}

/** Trials that are done, the best by the first objective first. */
export function bestTrials({ trials, objectives }: Study): TrialInfo[] {
  const [[name, direction]] = Object.entries(objectives);
  const sign = direction === 'maximize' ? -1 : 1;
  const value = ({ values }: TrialInfo): number => sign * (values?.[name] as number);
  return trials.filter(({ state }) => state === 'done').sort((a, b) => value(a) - value(b) || a.number - b.number);
}

/** The best trials, what became of the others, and which parameters matter, as lines of text. */
export function sweepText(study: Study): string {
  const parameters = Object.keys(study.space);
  const objectives = Object.keys(study.objectives);
  const rows = bestTrials(study)
    .slice(0, BEST)
    .map(({ number, values, config }) => [
      String(number),
      ...objectives.map((name) => shown(values?.[name])),
      ...parameters.map((name) => shown(config[name])),
    ]);
  const lines = [['trial', ...objectives, ...parameters], ...rows];
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const text = lines.map((line) => line.map((cell, i) => cell.padStart(widths[i])).join('  ')).join('\n');
  return `${text}\n\n${counts(study)}\n${importances(study)}`;
}

/** `64 trials: 40 done, 24 pruned` */
export function counts({ trials }: Study): string {
  const states = [...new Set(trials.map(({ state }) => state))].sort();
  const parts = states.map((state) => `${trials.filter((trial) => trial.state === state).length} ${state}`);
  return `${trials.length} ${trials.length === 1 ? 'trial' : 'trials'}: ${parts.join(', ')}`;
}

function importances(study: Study): string {
  const found = Object.entries(parameterImportance(study)).sort(([, a], [, b]) => b - a);
  return `explained by each parameter alone: ${found.map(([name, share]) => `${name} ${(100 * share).toFixed(0)} %`).join(', ')}`;
}

/** A value in few digits; `-` for none. */
export function shown(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value);
}

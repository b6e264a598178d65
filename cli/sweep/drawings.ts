import type { SearchParameter, Study, TrialInfo } from '../../src/study/index.js';
import { escaped } from '../runs/report.js';
import { bestTrials, shown } from './table.js';

/** The size of a drawing, and the margin around it, in pixels. */
const [WIDTH, HEIGHT, MARGIN] = [1100, 340, 60];

/** An axis from bottom (0) to top (1): where a value is, and the texts beside it. */
interface Axis {
  title: string;
  place(value: unknown): number;
  ticks: readonly (readonly [place: number, text: string])[];
}

/** A line per trial through its parameters and its objectives; the darker, the better. Pruned and failed trials are left out. */
export function parallelCoordinates(study: Study): string {
  const trials = bestTrials(study);
  if (trials.length === 0) return '<p>No trial is done.</p>';
  const axes = [
    ...Object.entries(study.space).map(
      ([name, p]) => [parameterAxis(name, p), ({ config }: TrialInfo) => config[name]] as const,
    ),
    ...Object.keys(study.objectives).map(
      (name) => [valueAxis(name, trials), ({ values }: TrialInfo) => values?.[name]] as const,
    ),
  ];
  const x = (i: number): number => MARGIN + (i * (WIDTH - 2 * MARGIN)) / Math.max(1, axes.length - 1);
  // The best are drawn last, above the others.
  const lines = [...trials].reverse().map((trial, i) => {
    const points = axes.flatMap(([axis, read], k) => {
      const value = read(trial);
      return value === undefined ? [] : [`${x(k).toFixed(1)},${y(axis.place(value)).toFixed(1)}`];
    });
    const share = trials.length === 1 ? 1 : i / (trials.length - 1);
    const color = `hsl(${(240 - 240 * share).toFixed(0)} 70% 45%)`;
    return `<polyline fill="none" stroke="${color}" stroke-opacity="${(0.2 + 0.7 * share ** 2).toFixed(2)}" stroke-width="1.5" points="${points.join(' ')}"><title>trial ${trial.number}</title></polyline>`;
  });
  return svg([...lines, ...axes.map(([axis], i) => drawAxis(axis, x(i)))]);
}

/** A bar for each share, the largest first. */
export function bars(title: string, shares: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(shares).sort(([, a], [, b]) => b - a);
  const parts = sorted.map(([name, share], i) => {
    const top = 30 + 24 * i;
    return `<text x="190" y="${top + 13}" text-anchor="end">${escaped(name)}</text><rect x="200" y="${top}" width="${(600 * share).toFixed(1)}" height="18" fill="#1f77b4"/><text x="${(206 + 600 * share).toFixed(1)}" y="${top + 13}">${(100 * share).toFixed(0)} %</text>`;
  });
  return svg([`<text x="200" y="18">${escaped(title)}</text>`, ...parts], 40 + 24 * sorted.length);
}

/** Two objectives of all trials that are done; the Pareto front of all objectives is red. */
export function scatter(study: Study, a: string, b: string): string {
  const trials = bestTrials(study);
  const front = new Set(study.paretoFront.map(({ key }) => key));
  const [across, up] = [valueAxis(a, trials), valueAxis(b, trials)];
  const x = (place: number): number => MARGIN + place * (WIDTH - 2 * MARGIN);
  const dots = trials.map(({ key, number, values }) => {
    const [cx, cy] = [x(across.place(values?.[a])), y(up.place(values?.[b]))];
    const isBest = front.has(key);
    return `<circle cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="${isBest ? 5 : 3}" fill="${isBest ? '#d62728' : '#888'}"><title>trial ${number}</title></circle>`;
  });
  const labels = across.ticks.map(
    ([place, text]) =>
      `<text x="${x(place).toFixed(1)}" y="${HEIGHT - 22}" text-anchor="middle">${escaped(text)}</text>`,
  );
  const name = `<text x="${WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escaped(a)}</text>`;
  return svg([drawAxis(up, MARGIN), ...labels, name, ...dots]);
}

function parameterAxis(title: string, parameter: SearchParameter): Axis {
  if (parameter.type === 'choice') {
    const { values } = parameter;
    const at = (i: number): number => (i + 0.5) / values.length;
    return {
      title,
      place: (value) => at(values.indexOf(value as string)),
      ticks: values.map((value, i) => [at(i), String(value)] as const),
    };
  }
  const isLog = parameter.type === 'log' || (parameter.type === 'integer' && parameter.log === true);
  return numberAxis(title, parameter.low, parameter.high, isLog);
}

function valueAxis(title: string, trials: readonly TrialInfo[]): Axis {
  const values = trials.map((trial) => trial.values?.[title] as number);
  return numberAxis(title, Math.min(...values), Math.max(...values), false);
}

function numberAxis(title: string, low: number, high: number, isLog: boolean): Axis {
  const scale = (value: number): number => (isLog ? Math.log(value) : value);
  const range = scale(high) - scale(low);
  const at = (share: number): number => (isLog ? low * (high / low) ** share : low + share * (high - low));
  return {
    title,
    place: (value) => (range === 0 ? 0.5 : (scale(Number(value)) - scale(low)) / range),
    ticks:
      range === 0 ? [[0.5, shown(low)]] : [0, 0.25, 0.5, 0.75, 1].map((share) => [share, shown(at(share))] as const),
  };
}

function drawAxis({ title, ticks }: Axis, x: number): string {
  const texts = ticks.map(
    ([place, text]) =>
      `<text x="${(x - 5).toFixed(1)}" y="${(y(place) + 4).toFixed(1)}" text-anchor="end">${escaped(text)}</text>`,
  );
  return `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${y(0)}" y2="${y(1)}" stroke="#444"/><text x="${x.toFixed(1)}" y="20" text-anchor="middle">${escaped(title)}</text>${texts.join('')}`;
}

function y(place: number): number {
  return HEIGHT - MARGIN / 1.5 - place * (HEIGHT - MARGIN / 1.5 - 34);
}

function svg(parts: readonly string[], height = HEIGHT): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" width="100%" role="img">\n${parts.join('\n')}\n</svg>`;
}

import { parameterImportance, type Study } from '../../src/study/index.js';
import { chartParts } from '../runs/chartParts.js';
import type { Chart } from '../runs/curves.js';
import { COLORS, escaped, STYLE, table } from '../runs/report.js';
import { bars, parallelCoordinates, scatter } from './drawings.js';
import { bestTrials, counts, shown } from './table.js';

/** Learning curves that the page shows: those of the trials that got furthest, the best first. */
const CURVES = 24;

/** One HTML page that needs nothing but itself: parallel coordinates, importance, learning curves, Pareto fronts and all trials. */
export async function sweepPage(study: Study): Promise<string> {
  const { script, style } = await chartParts();
  const charts = learningCurves(study);
  const data = JSON.stringify({ charts, colors: COLORS }).replaceAll('<', '\\u003c');
  const drawCharts = charts.length === 0 ? '' : `<script>window.report = ${data};</script>\n<script>${script}</script>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sweep</title>
<style>${style}${STYLE}svg text { font: 12px system-ui, sans-serif; fill: #222; }</style>
<h1>${counts(study)}</h1>
<h2>Parallel coordinates</h2>
${parallelCoordinates(study)}
<h2>How much each parameter explains alone</h2>
${Object.keys(study.objectives)
  .map((name) => bars(name, parameterImportance(study, name)))
  .join('\n')}
${fronts(study)}
<div id="charts"></div>
<h2>Trials</h2>
${trialTable(study)}
${drawCharts}
</html>
`;
}

function learningCurves(study: Study): Chart[] {
  const order = new Map(bestTrials(study).map(({ key }, i) => [key, i]));
  const place = (key: string): number => order.get(key) ?? Number.POSITIVE_INFINITY;
  const curves = study.trials
    .filter(({ reports }) => reports.length > 1)
    .sort((a, b) => (place(a.key) === place(b.key) ? b.reports.length - a.reports.length : place(a.key) - place(b.key)))
    .slice(0, CURVES)
    .map(({ number, state, reports }, run) => ({
      run,
      label: `trial ${number}${state === 'pruned' ? ', pruned' : ''}`,
      dashed: state === 'pruned',
      x: reports.map(({ step }) => step),
      y: reports.map(({ value }) => value),
    }));
  const [name] = Object.keys(study.objectives);
  return curves.length === 0 ? [] : [{ title: 'Learning curves (dashed: pruned)', x: 'step', y: name, curves }];
}

/** The front of each pair of objectives. */
function fronts(study: Study): string {
  const names = Object.keys(study.objectives);
  const pairs = names.flatMap((a, i) => names.slice(i + 1).map((b) => [a, b] as const));
  if (pairs.length === 0) return '';
  return `<h2>Pareto front</h2>\n${pairs.map(([a, b]) => scatter(study, a, b)).join('\n')}`;
}

function trialTable({ space, objectives, trials }: Study): string {
  const [parameters, names] = [Object.keys(space), Object.keys(objectives)];
  const rows = trials.map(({ number, state, values, config, reason, reports }) => [
    String(number),
    escaped(reason === undefined ? state : `${state}: ${reason}`),
    String(reports.at(-1)?.step ?? '-'),
    ...names.map((name) => shown(values?.[name])),
    ...parameters.map((name) => escaped(shown(config[name]))),
  ]);
  return table(['trial', 'state', 'steps', ...[...names, ...parameters].map(escaped)], rows);
}

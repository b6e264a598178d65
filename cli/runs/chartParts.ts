import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The files that `npm run build` makes of drawCharts.ts, with uPlot inside. */
const BUILT = { script: 'report-charts.js', style: 'report-charts.css' } as const;

/** What draws the charts of the page: a script with uPlot inside, and its style. In a clone of the repository it is built on the spot. */
export async function chartParts(): Promise<{ script: string; style: string }> {
  const [script, style] = [BUILT.script, BUILT.style].map((name) => new URL(`./${name}`, import.meta.url));
  if (existsSync(script)) return { script: readFileSync(script, 'utf8'), style: readFileSync(style, 'utf8') };
  // Not for the bundle: the installed package has the files.
  const tool = '../../tools/reportCharts.js';
  const { buildReportCharts } = (await import(tool)) as typeof import('../../tools/reportCharts.js');
  return buildReportCharts(fileURLToPath(new URL('../..', import.meta.url)));
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartParts } from './chartParts.js';
import { COLUMNS, type ComparedRun } from './compare.js';
import { chartsOf } from './curves.js';

/** Runs that are told apart by a color of their own; more than these begin anew. */
export const COLORS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#17becf', '#8c564b', '#e377c2'];

/** One HTML page that needs nothing but itself: the comparison, the curves (drawn by uPlot), configurations and pictures. */
export async function reportPage(runs: readonly ComparedRun[]): Promise<string> {
  const { script, style } = await chartParts();
  // A `<` in a name or a setting must not end the script.
  const data = JSON.stringify({ charts: chartsOf(runs), colors: COLORS }).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Runs</title>
<style>${style}${STYLE}</style>
<h1>${runs.length} ${runs.length === 1 ? 'run' : 'runs'}</h1>
${comparison(runs)}
<div id="charts"></div>
<h2>Settings</h2>
${settings(runs)}
${pictures(runs)}
<script>window.report = ${data};</script>
<script>${script}</script>
</html>
`;
}

function comparison(runs: readonly ComparedRun[]): string {
  const rows = runs.map((run, i) => {
    const [name, ...cells] = COLUMNS.map(([, cell]) => escaped(cell(run)));
    return [`<span style="color:${COLORS[i % COLORS.length]}">&#9632;</span> ${name}`, ...cells];
  });
  return table(
    COLUMNS.map(([title]) => title),
    rows,
  );
}

/** A line for each setting and each part of the machine, a column for each run; what differs stands out. */
function settings(runs: readonly ComparedRun[]): string {
  const all = runs.map(({ info }) => {
    const { source, environment } = info.sessions[info.sessions.length - 1];
    const { kernels, ...machine } = environment;
    const version = source === null ? '-' : `${source.commit.slice(0, 10)}${source.dirty ? ' and changes' : ''}`;
    const config = typeof info.config === 'object' && info.config !== null ? info.config : { config: info.config };
    return { ...config, source: version, ...machine, ...kernels, sessions: info.sessions.length } as Record<
      string,
      unknown
    >;
  });
  const keys = [...new Set(all.flatMap((values) => Object.keys(values)))];
  const rows = keys.map((key) => {
    const cells = all.map((values) => (key in values ? JSON.stringify(values[key])?.replace(/^"(.*)"$/, '$1') : '-'));
    const differs = new Set(cells).size > 1;
    const shown = [key, ...cells].map((cell) => escaped(String(cell)));
    return shown.map((cell) => (differs ? `<b>${cell}</b>` : cell));
  });
  return table(['', ...runs.map(({ name }) => escaped(name))], rows);
}

/** The last picture of each name, of each run. */
function pictures(runs: readonly ComparedRun[]): string {
  const parts = runs.flatMap(({ name, folder }) => {
    const newest = new Map<string, string>();
    for (const file of pictureFiles(folder)) newest.set(file.replace(/-\d+\.png$/, ''), file);
    return [...newest].map(([title, file]) => {
      const bytes = readFileSync(join(folder, 'pictures', file)).toString('base64');
      const caption = escaped(`${name}: ${title}`);
      return `<figure><img alt="${caption}" src="data:image/png;base64,${bytes}"><figcaption>${caption}</figcaption></figure>`;
    });
  });
  return parts.length === 0 ? '' : `<h2>Pictures</h2>\n${parts.join('\n')}`;
}

function pictureFiles(folder: string): string[] {
  try {
    return readdirSync(join(folder, 'pictures')).sort();
  } catch {
    return [];
  }
}

/** An HTML table of cells that are HTML already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>\n${[line('th', head), ...rows.map((row) => line('td', row))].join('\n')}\n</table></div>`;
}

/** A text as HTML. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The style of pages with charts and tables. */
export const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2em auto; padding: 0 1em; color: #222; }
.wide { overflow-x: auto; }
.wide table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.wide :is(th, td) { padding: 0.2em 0.8em; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
.wide :is(th, td):first-child { text-align: left; }
.u-legend { font-size: 13px; }
.u-legend th { font-weight: normal; }
#charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(560px, 100%), 1fr)); gap: 1.5em; margin: 2em 0; }
figure { display: inline-block; margin: 0 1em 1em 0; }
figure img { max-width: 100%; image-rendering: pixelated; }
`;

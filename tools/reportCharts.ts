import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

/* Bundles what draws the charts of `stridenet runs` in a browser. */

/** cli/runs/drawCharts.ts of the repository at `root` and uPlot as one script, and the style of uPlot. */
export async function buildReportCharts(root: string): Promise<{ script: string; style: string }> {
  const { outputFiles } = await build({
    entryPoints: [resolve(root, 'cli/runs/drawCharts.ts')],
    bundle: true,
    minify: true,
    lineLimit: 1000,
    format: 'iife',
    write: false,
  });
  const main = createRequire(import.meta.url).resolve('uplot');
  return {
    script: outputFiles[0].text.replaceAll('</script', '<\\/script'),
    style: readFileSync(join(dirname(main), 'uPlot.min.css'), 'utf8'),
  };
}

/** Writes them where the installed command finds them. */
export async function writeReportCharts(root: string, folder: string): Promise<void> {
  const { script, style } = await buildReportCharts(root);
  writeFileSync(join(folder, 'report-charts.js'), script);
  writeFileSync(join(folder, 'report-charts.css'), style);
}

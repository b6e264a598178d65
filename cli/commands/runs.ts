// Compares tracked runs: prints a table and writes one HTML file with their curves. `npm run runs`, or with folders `npm run runs -- runs/a runs/b`.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StridenetError } from '../src/index.js';
import { listRuns, readRun, writeFileAtomic } from '../src/node/index.js';
import { compareRuns, comparisonText } from './support/report/compare.js';
import { reportPage } from './support/report/report.js';

const usage = `npm run runs -- [FOLDER ...] [--out FILE]

Compares the runs in and under the folders (default: runs), and writes their curves into FILE (default: report.html in the first folder).`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { out: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(usage);
  const folders = positionals.length > 0 ? positionals : ['runs'];
  const { out = join(folders[0], 'report.html') } = values;
  const names = [...new Set((await Promise.all(folders.map(listRuns))).flat())];
  if (names.length === 0) {
    console.log(`There is no tracked run in ${folders.join(', ')}. \`npm run train\` makes one; so does \`trackRun\`.`);
    process.exitCode = 1;
    return;
  }
  const runs = compareRuns(await Promise.all(names.map(readRun)));
  console.log(comparisonText(runs));
  await writeFileAtomic(out, reportPage(runs));
  console.log(`\ncurves are in ${out}`);
}

main().catch((error: unknown) => {
  const isUsage = error instanceof TypeError && 'code' in error;
  if (!(isUsage || error instanceof StridenetError)) throw error;
  console.error(`runs: ${error.message}${isUsage ? `\n\n${usage}` : ''}`);
  process.exitCode = 1;
});

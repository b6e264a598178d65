import { join } from 'node:path';
import { defineCommand } from '../command.js';
import { CommandError } from '../flags.js';

interface RunsOptions {
  out?: string | undefined;
  json?: boolean | undefined;
}

export const command = defineCommand<RunsOptions>({
  about: 'Compares the runs in and under the folders, and writes their curves into an HTML page.',
  arguments: [{ name: 'FOLDERS', help: 'folders of runs; default: runs', many: true }],
  flags: [
    { name: 'out', value: 'FILE', help: 'the page; default: report.html in the first folder' },
    { name: 'json', help: 'print the comparison as JSON, and write no page' },
  ],
  examples: [['stridenet runs runs/first runs/second', 'two runs next to each other']],

  async run({ args, options, terminal }) {
    const { listRuns, readRun, writeFileAtomic } = await import('../../src/node/index.js');
    const { compareRuns, comparisonRows, comparisonText } = await import('../runs/compare.js');
    const folders = args.length > 0 ? args : ['runs'];
    const names = [...new Set((await Promise.all(folders.map(listRuns))).flat())];
    if (names.length === 0) {
      throw new CommandError(
        `There is no tracked run in ${folders.join(', ')}. 'stridenet train' makes one, and so does trackRun.`,
      );
    }
    const runs = compareRuns(await Promise.all(names.map(readRun)));
    if (options.json) return terminal.json(comparisonRows(runs));
    terminal.print(comparisonText(runs));
    const { out = join(folders[0], 'report.html') } = options;
    const { reportPage } = await import('../runs/report.js');
    await writeFileAtomic(out, await reportPage(runs));
    terminal.print(`\ncurves are in ${out}`);
  },
});

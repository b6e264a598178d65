import type { Command } from '../command.js';

/*
 * The commands of `stridenet`, in the order of the help. To add one:
 *
 * 1. Write cli/commands/NAME.ts, which exports `command = defineCommand<Options>({ arguments, flags, about, examples, run })`; see
 *    summary.ts. Import the library and heavy packages inside `run`, so that the help stays quick. Larger parts go to cli/NAME/.
 * 2. List it here. Nothing else needs to know it: parsing, help, suggestions for wrong names, completion, errors and exit codes follow.
 * 3. Test it in tests/cli/NAME.test.ts with `stridenet(['NAME', ...])` of tests/cli/run.ts, which runs the real program.
 *
 * `run` prints results with `terminal.print` (or `terminal.json`, for --json) and remarks with `terminal.note`, which writes to
 * stderr. It throws StridenetErrors, or a UsageError where the command line is wrong, and returns the exit code unless that is 0.
 */

/** A command as the help lists it; its module is loaded when it is run. */
export interface CommandEntry {
  name: string;
  /** Under which heading the help lists it. */
  group: 'Training' | 'Photographs' | 'Models' | 'This program';
  /** A few words, without a period. */
  summary: string;
  load(): Promise<Command>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'summary',
    group: 'Models',
    summary: 'print the layers, parameters and multiply-adds of a model',
    load: async () => (await import('./summary.js')).command,
  },
];

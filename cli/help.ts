import { Command as Program } from 'commander';
import type { CommandEntry } from './commands/index.js';
import type { Colors } from './terminal.js';

/** What `stridenet --help` prints. */
export function overview(commands: readonly CommandEntry[], colors: Colors): string {
  const program = new Program('stridenet')
    .usage('COMMAND [flags]')
    .description('Train and use convolutional neural networks.')
    .optionsGroup('Flags:')
    .helpOption('-h, --help', 'show this text')
    .option('-v, --version', 'show the version')
    .helpCommand(false)
    .configureHelp({ styleTitle: colors.bold, styleCommandText: colors.cyan });
  for (const { name, group, summary } of commands) {
    program.command(name).summary(summary).helpGroup(`${group}:`);
  }
  return `${program.helpInformation()}\nRun 'stridenet help COMMAND' for the flags of a command.`;
}

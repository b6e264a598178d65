import { nearestNames } from '../src/base/nearestNames.js';
import type { CommandEntry } from './commands/index.js';
import { commands } from './commands/index.js';
import { EXIT } from './exitCodes.js';
import { didYouMean, UsageError } from './flags.js';
import { processTerminal, type Terminal } from './terminal.js';
import { version } from './version.js';

/** Runs a command line, without `node` and the program, and returns the exit code. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version' || name === '-v') {
    terminal.print(version());
    return EXIT.ok;
  }
  const wanted = name === 'help' && rest.length > 0 ? rest[0] : name;
  if (wanted === undefined || ['help', '--help', '-h'].includes(wanted)) {
    const { overview } = await import('./help.js');
    terminal.print(overview(commands, terminal.colors));
    return EXIT.ok;
  }
  const entry = commands.find((command) => command.name === wanted);
  try {
    const meant = entry ?? (await suggested(wanted, terminal));
    if (meant === undefined) throw unknownName(wanted);
    const { runCommand } = await import('./runCommand.js');
    return await runCommand(meant, name === 'help' ? ['--help'] : rest, terminal);
  } catch (error) {
    return explain(error, entry, terminal);
  }
}

/** The command that was probably meant, where a person says so. */
async function suggested(name: string, terminal: Terminal): Promise<CommandEntry | undefined> {
  if (!terminal.isInteractive || name.startsWith('-')) return undefined;
  const [near] = nearestNames(
    name,
    commands.map((command) => command.name),
  );
  if (near === undefined) return undefined;
  const { confirm } = await import('./ask.js');
  const yes = await confirm(terminal, `There is no command '${name}'. Run '${near}'?`);
  return yes ? commands.find((command) => command.name === near) : undefined;
}

function unknownName(name: string): UsageError {
  if (name.startsWith('-')) return new UsageError(`There is no flag ${name} before a command.`);
  const names = commands.map((command) => command.name);
  return new UsageError(`There is no command '${name}'.${didYouMean(name, names)}`);
}

/** Says on stderr what was wrong, in a sentence; the stack follows if STRIDENET_DEBUG asks for it. */
function explain(error: unknown, entry: CommandEntry | undefined, { note }: Terminal): number {
  const who = entry === undefined ? 'stridenet' : `stridenet ${entry.name}`;
  const isDebugging = !['', '0', undefined].includes(process.env.STRIDENET_DEBUG);
  note(`${who}: ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof UsageError) note(`Run '${who} --help' to see what it takes.`);
  if (isDebugging && error instanceof Error) note(String(error.stack));
  return error instanceof UsageError ? EXIT.usage : EXIT.error;
}

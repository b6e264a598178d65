import { CommanderError, Option, Command as Program } from 'commander';
import type { Argument, Command } from './command.js';
import type { CommandEntry } from './commands/index.js';
import { didYouMean, type Flag, kebab, readFlagValue, UsageError } from './flags.js';
import type { Terminal } from './terminal.js';

/**
 * Reads the command line of a command and runs it. Returns the exit code.
 *
 * Throws `UsageError` where the command line is wrong, and what the command throws.
 */
export async function runCommand(entry: CommandEntry, argv: readonly string[], terminal: Terminal): Promise<number> {
  const command = await entry.load();
  const flags = typeof command.flags === 'function' ? await command.flags() : (command.flags ?? []);
  const program = programOf(entry, command, flags, terminal);
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return 0;
    throw new UsageError(sentenceOf(error, flags));
  }
  const options: Record<string, unknown> = program.opts();
  const given = Object.entries(options).filter(([name]) => program.getOptionValueSource(name) === 'cli');
  const code = await command.run({ args: program.args, options, given: Object.fromEntries(given), terminal });
  return code ?? 0;
}

function programOf(
  { name, summary }: CommandEntry,
  command: Command,
  flags: readonly Flag[],
  { print, colors }: Terminal,
): Program {
  const program = new Program(`stridenet ${name}`)
    .description(command.about ?? `${summary[0].toUpperCase()}${summary.slice(1)}.`)
    .usage(usageOf(command, flags))
    .optionsGroup('Flags:')
    .helpOption('-h, --help', 'show this text')
    .helpCommand(false)
    .allowExcessArguments(false)
    .showSuggestionAfterError(false)
    .passThroughOptions(command.passThrough ?? false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: () => undefined })
    .configureHelp({ styleTitle: colors.bold, styleOptionText: colors.cyan, styleArgumentText: colors.cyan })
    // Nothing is done here: `runCommand` waits for the command.
    .action(() => undefined);
  for (const argument of command.arguments ?? []) program.argument(termOf(argument), argument.help);
  for (const flag of flags) program.addOption(optionOf(flag));
  const { examples = [] } = command;
  if (examples.length > 0) {
    const lines = examples.map(([line, what]) => `  ${line}\n      ${colors.dim(what)}`);
    program.addHelpText('after', `\n${colors.bold('Examples:')}\n${lines.join('\n')}`);
  }
  return program;
}

/** `[flags] <PHOTOS...>` */
function usageOf(command: Command, flags: readonly Flag[]): string {
  return [...(flags.length > 0 ? ['[flags]'] : []), ...(command.arguments ?? []).map(termOf)].join(' ');
}

/** `<PHOTOS...>`, `[FOLDER]` */
function termOf({ name, required = false, many = false }: Argument): string {
  const term = `${name}${many ? '...' : ''}`;
  return required ? `<${term}>` : `[${term}]`;
}

function optionOf(flag: Flag): Option {
  const { name, short, value, help, many = false } = flag;
  const option = new Option(
    `${short === undefined ? '' : `-${short}, `}--${kebab(name)}${value === undefined ? '' : ` <${value}>`}`,
    help,
  );
  if (flag.default !== undefined) option.default(flag.default);
  if (value === undefined) return option;
  return option.argParser((text: string, before: unknown) => {
    const read = readFlagValue(flag, text);
    return many ? [...(Array.isArray(before) ? before : []), read] : read;
  });
}

/** What commander found wrong, with the nearest flag for one that doesn't exist. */
function sentenceOf({ code, message }: CommanderError, flags: readonly Flag[]): string {
  const [, quoted = ''] = /'([^']+)'/.exec(message) ?? [];
  if (code === 'commander.unknownOption') {
    const name = quoted.replace(/^--?|=.*$/g, '');
    return `There is no flag ${quoted}.${didYouMean(name, ['help', ...flags.map((flag) => kebab(flag.name))], '--')}`;
  }
  if (code === 'commander.optionMissingArgument') {
    const [flag, value] = quoted.replace(/^-., /, '').split(' ');
    return `${flag} needs a value: ${flag} ${value.slice(1, -1)}.`;
  }
  const text = message.replace(/^error: /, '').replace(/\.?$/, '.');
  return `${text[0].toUpperCase()}${text.slice(1)}`;
}

import type { Flag } from './flags.js';
import type { Terminal } from './terminal.js';

/** What stands behind a command besides its flags: `PHOTOS`, `FOLDER`. */
export interface Argument {
  name: string;
  help: string;
  /** An error where it is missing. Default false. */
  required?: boolean | undefined;
  /** Takes all that remain, at least one if `required`. Only for the last argument. */
  many?: boolean | undefined;
}

/** What a command is run with. */
export interface Input<Options> {
  /** The words that are no flags. */
  args: readonly string[];
  /** The flags, with their defaults filled in. */
  options: Options;
  /** The flags on the command line alone. */
  given: Partial<Options>;
  terminal: Terminal;
}

/** A command: what it reads from the command line, and what it does. `Options` has a field per flag. */
export interface Command<Options extends object = object> {
  arguments?: readonly Argument[] | undefined;
  /** A function where the flags take time to find out, as when a flag lists all models. */
  flags?:
    | readonly Flag<keyof Options & string>[]
    | (() => Promise<readonly Flag<keyof Options & string>[]>)
    | undefined;
  /** Text of the help between the usage and the flags. */
  about?: string | undefined;
  /** Command lines for the end of the help, with what each does. */
  examples?: readonly (readonly [line: string, what: string])[] | undefined;
  /** All behind the first argument are arguments, even if they look like flags: for commands that start another program. */
  passThrough?: boolean | undefined;
  /** Returns the exit code; nothing means 0. A `StridenetError` becomes one sentence on stderr and exit code 1, a `UsageError` 2. */
  run(input: Input<Options>): Promise<number | undefined> | Promise<void>;
}

/** Gives a command the types of its options. */
export function defineCommand<Options extends object>(command: Command<Options>): Command {
  return command as Command;
}

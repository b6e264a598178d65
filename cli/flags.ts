import { nearestNames } from '../src/base/nearestNames.js';

/** A flag of a command, which fills in the option `name`: `batchSize` is `--batch-size`. Without `value` it is a switch. */
export interface Flag<Name extends string = string> {
  name: Name;
  /** One letter: `o` for `-o`. */
  short?: string | undefined;
  /** What stands for the value in the help: `DIR`. */
  value?: string | undefined;
  /** A few words, without a period. */
  help: string;
  /** Shown in the help and filled in where the flag is not given. */
  default?: string | number | boolean | undefined;
  /** Least and most for a number; whole unless `real`. */
  range?: readonly [least: number, most: number] | undefined;
  real?: boolean | undefined;
  oneOf?: readonly string[] | undefined;
  /** May be given several times; the option is an array. */
  many?: boolean | undefined;
}

/** What keeps a command from doing its work, in a sentence: exit code 1. */
export class CommandError extends Error {}

/** A command line that makes no sense: exit code 2, and the help is named. */
export class UsageError extends CommandError {}

/** The value of a flag as the command line has it. Throws `UsageError` with a sentence where it does not fit. */
export function readFlagValue(flag: Flag, text: string | undefined): string | number | boolean {
  const name = `--${kebab(flag.name)}`;
  if (flag.value === undefined) {
    if (text !== undefined) throw new UsageError(`${name} takes no value, but got '${text}'.`);
    return true;
  }
  if (text === undefined || text === '') throw new UsageError(`${name} needs a value: ${name} ${flag.value}.`);
  if (flag.oneOf !== undefined && !flag.oneOf.includes(text)) {
    throw new UsageError(
      `${name} is '${text}', but must be one of ${flag.oneOf.join(', ')}.${didYouMean(text, flag.oneOf)}`,
    );
  }
  if (flag.range === undefined) return text;
  const [least, most] = flag.range;
  const value = Number(text);
  if (!(value >= least && value <= most) || (!flag.real && !Number.isInteger(value))) {
    throw new UsageError(
      `${name} is '${text}', but must be a ${flag.real ? '' : 'whole '}number from ${least} to ${most}.`,
    );
  }
  return value;
}

/**
 * Settings as they were saved in the file `path`, each held against its flag.
 *
 * Throws `CommandError` for a key that is no flag's, with the nearest one that is, and for a value out of range.
 */
export function checkSaved<S extends object>(
  flags: readonly Flag<keyof S & string>[],
  saved: unknown,
  path: string,
): Partial<S> {
  if (typeof saved !== 'object' || saved === null || Array.isArray(saved)) {
    throw new CommandError(`${path} does not hold an object of settings.`);
  }
  const checked: Partial<S> = {};
  for (const [key, value] of Object.entries(saved)) {
    const flag = flags.find(({ name }) => name === key);
    if (flag === undefined) {
      const hint = didYouMean(
        key,
        flags.map(({ name }) => name),
      );
      throw new CommandError(`${path}: there is no setting '${key}'.${hint}`);
    }
    const isSwitch = flag.value === undefined;
    const kind = isSwitch ? 'boolean' : flag.range === undefined ? 'string' : 'number';
    if (typeof value !== kind)
      throw new CommandError(`${path}: ${key} is ${JSON.stringify(value)}, but must be a ${kind}.`);
    try {
      Object.assign(checked, { [key]: isSwitch ? value : readFlagValue(flag, String(value)) });
    } catch (error) {
      throw new CommandError(`${path}: ${(error as Error).message}`);
    }
  }
  return checked;
}

/** ` Did you mean --epochs?`, or nothing where no name is near. */
export function didYouMean(name: string, known: readonly string[], before = ''): string {
  const nearest = nearestNames(name, known).map((near) => `${before}${near}`);
  return nearest.length === 0 ? '' : ` Did you mean ${nearest.join(' or ')}?`;
}

/** batchSize: batch-size. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

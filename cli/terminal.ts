import { isatty } from 'node:tty';
import pc from 'picocolors';

/** Where a command writes, and what it may do there. */
export interface Terminal {
  /** A line of the result, on stdout. */
  print(line?: string): void;
  /** A remark or progress, on stderr: it does not mix with a result that is piped on. */
  note(line: string): void;
  /** A result as data, on stdout. */
  json(value: unknown): void;
  /** Colors of what is printed; they do nothing where stdout is no terminal, or with NO_COLOR. */
  readonly colors: Colors;
  /** Whether questions can be asked: a person sits there, and no build server. */
  readonly isInteractive: boolean;
}

export type Colors = ReturnType<typeof pc.createColors>;

/** Whether a stream gets colors: see https://no-color.org and https://force-color.org. */
function hasColors(stream: { isTTY?: boolean | undefined }): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return stream.isTTY === true && TERM !== 'dumb';
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  // A reader such as `head` may leave early.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    print: (line = '') => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    json: (value) => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    colors: pc.createColors(hasColors(process.stdout)),
    isInteractive: isatty(0) && process.stderr.isTTY === true && process.stdout.isTTY === true && !process.env.CI,
  };
}

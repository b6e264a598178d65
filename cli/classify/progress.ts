import { SingleBar } from 'cli-progress';

/** A bar on a terminal; elsewhere nothing. */
export interface Progress {
  show(what: string, done: number, total: number): void;
  stop(): void;
}

/** Shows how far a phase is: a new phase begins a new bar. */
export function progress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let bar: SingleBar | undefined;
  let phase = '';
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
    phase = '';
  };
  return {
    show(what, done, total) {
      if (!stream.isTTY) return;
      if (what !== phase) {
        stop();
        phase = what;
        bar = new SingleBar({
          stream,
          format: `${what.padEnd(12)} {bar} {percentage} %  {eta_formatted} left`,
          hideCursor: true,
          clearOnComplete: true,
          gracefulExit: false,
        });
        bar.start(total, done);
      } else bar?.update(done);
    },
    stop,
  };
}

/** Runs `work` with a bar, which is gone from the terminal when it has ended, in whatever way. */
export async function withProgress<T>(work: (bar: Progress) => Promise<T>): Promise<T> {
  const bar = progress();
  try {
    return await work(bar);
  } finally {
    bar.stop();
  }
}

import type { Callback } from '../../src/index.js';

/** Seconds that a run has taken since its command was given, those before its last checkpoint was resumed included. */
export interface Stopwatch extends Callback {
  seconds(): number;
  /** Processor seconds, of all threads. */
  cpuSeconds(): number;
  /** How often the run was resumed. */
  readonly resumed: number;
}

export function stopwatch(): Stopwatch {
  let before = { seconds: 0, cpu: 0 };
  let resumed = 0;
  // Both count from the start of the process.
  const seconds = (): number => before.seconds + performance.now() / 1000;
  const cpuSeconds = (): number => {
    const { user, system } = process.cpuUsage();
    return before.cpu + (user + system) / 1e6;
  };
  return {
    seconds,
    cpuSeconds,
    get resumed() {
      return resumed;
    },
    saveState: () => ({ values: { seconds: seconds(), cpu: cpuSeconds(), resumed } }),
    loadState({ values }) {
      const saved = values as { seconds: number; cpu: number; resumed: number };
      before = saved;
      resumed = saved.resumed + 1;
    },
  };
}

/** npm and tsx pass a Ctrl-C on to a process that has it from the terminal already: what comes this soon is the same one. */
const SAME_KEYPRESS_MS = 500;

/**
 * Ctrl-C aborts the signal, so that training ends after the present step; a second one quits at once. `done()` gives
 * Ctrl-C its usual meaning back.
 */
export function interrupt(): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  let first = 0;
  const onSignal = (): void => {
    if (!controller.signal.aborted) first = performance.now();
    else if (performance.now() - first > SAME_KEYPRESS_MS) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  return { signal: controller.signal, done: () => process.off('SIGINT', onSignal) };
}

/** Runs `work` with a signal that Ctrl-C aborts. What it then throws is no error: `stopped` is called, and the exit code is 130. */
export async function interruptible(
  work: (signal: AbortSignal) => Promise<number>,
  stopped?: () => void,
): Promise<number> {
  const { signal, done } = interrupt();
  try {
    return await work(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    stopped?.();
    return 130;
  } finally {
    done();
  }
}

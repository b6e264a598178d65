/**
 * Ctrl-C aborts the signal, so that training ends after the present step; a second one quits at once. `done()` gives
 * Ctrl-C its usual meaning back.
 */
export function interrupt(): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  return { signal: controller.signal, done: () => process.off('SIGINT', onSignal) };
}

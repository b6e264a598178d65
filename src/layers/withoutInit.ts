let drawing = true;

/** Whether initialisers draw: false inside `withoutInit`. */
export function initializing(): boolean {
  return drawing;
}

/**
 * Runs `fn` with initialisers that draw no random numbers: layers made inside start from zeros, and the stream 'init' stays where it is.
 * A model whose weights are loaded needs it not: large weights are drawn when they are read first, so those that a file has written
 * over never are.
 *
 * @example
 * const model = withoutInit(() => createModel('vgg16'));
 * model.loadStateDict(readSafetensors(bytes));
 */
export function withoutInit<T>(fn: () => T): T {
  const saved = drawing;
  drawing = false;
  try {
    return fn();
  } finally {
    drawing = saved;
  }
}

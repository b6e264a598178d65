let drawing = true;

/** Whether initialisers draw: false inside `withoutInit`. */
export function initializing(): boolean {
  return drawing;
}

/**
 * Runs `fn` with initialisers that draw no random numbers: layers made inside start from zeros. For models whose weights are
 * about to be loaded; drawing the 138 million of VGG-16 takes seconds.
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

let drawing = true;

/** Whether initializers draw random numbers: false inside `withoutInit`. */
export function initializing(): boolean {
  return drawing;
}

/**
 * Runs `fn` without drawing initial weights: layers created inside start from zeros, and the stream 'init' does not advance. You don't need it
 * to load weights from a file. Large weights are drawn when they are first read, so weights that a file overwrites are never drawn.
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

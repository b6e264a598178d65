/** Modules that were frozen as a whole, needed for those without parameters. */
const marked = new WeakSet<object>();

/** Records that `module` itself was frozen or unfrozen, whether it has parameters or not. */
export function markFrozen(module: object, frozen: boolean): void {
  if (frozen) marked.add(module);
  else marked.delete(module);
}

/** Whether `module` itself was frozen as a whole. */
export function isMarkedFrozen(module: object): boolean {
  return marked.has(module);
}

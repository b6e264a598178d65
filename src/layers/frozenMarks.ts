/** Modules that were frozen as a whole, for those that have no parameter to tell it by. */
const marked = new WeakSet<object>();

/** Notes that `module` itself was frozen or thawed, whether it has parameters or not. */
export function markFrozen(module: object, frozen: boolean): void {
  if (frozen) marked.add(module);
  else marked.delete(module);
}

/** Whether `module` itself was frozen as a whole. */
export function isMarkedFrozen(module: object): boolean {
  return marked.has(module);
}

/** Up to the first hole or other value: an array that only says that it is long is left at once. */
export function areNumbers(values: readonly unknown[]): values is number[] {
  for (let i = 0; i < values.length; i++) if (typeof values[i] !== 'number') return false;
  return true;
}

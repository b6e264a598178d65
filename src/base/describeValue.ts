const MOST_KEYS = 6;

/** What an argument turned out to be, for messages: `the number 3`, `'relu'`, `an array of 4`, `an object { padding }`, `undefined`. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'bigint') return `the bigint ${value}n`;
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}...` : value}'`;
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') return `the function ${value.name || '() => ...'}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${named(value)} of ${(value as Uint8Array).length ?? value.byteLength}`;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return named(value);
  const keys = Object.keys(value);
  return `an object { ${keys.slice(0, MOST_KEYS).join(', ')}${keys.length > MOST_KEYS ? ', ...' : ''} }`;
}

function named(value: object): string {
  const name = value.constructor?.name || 'object without a class';
  return `${/^[AEIOU]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** Whether `value` can be awaited. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

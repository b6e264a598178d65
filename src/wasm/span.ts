import type { ValueType } from './expression.js';

/** The last parameters of every kernel function: the units of work [begin, end), and the number of the thread. */
export const span = { begin: 'i32', end: 'i32', thread: 'i32' } as const satisfies Record<string, ValueType>;

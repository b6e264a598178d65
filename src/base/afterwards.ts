import { isPromise } from './describeValue.js';

/** Returns what `fn` returns, and calls `restore` when `fn` has returned or thrown, or when its promise has settled. */
export function afterwards<T>(fn: () => T, restore: () => void): T {
  let isPending = false;
  try {
    const result = fn();
    if (!isPromise(result)) return result;
    isPending = true;
    return Promise.resolve(result).finally(restore) as T;
  } finally {
    if (!isPending) restore();
  }
}

import { describeValue } from '../../base/describeValue.js';
import { ArgumentError } from '../../base/errors.js';

/** Throws `ArgumentError` unless both are hexadecimal digits of the same even number. */
export function checkEqualLength(who: string, a: string, b: string): void {
  for (const hash of [a, b]) {
    if (typeof hash === 'string' && hash.length > 0 && /^([0-9a-f]{2})+$/i.test(hash)) continue;
    const found = typeof hash === 'string' ? `'${hash.slice(0, 80)}'` : describeValue(hash);
    throw new ArgumentError(
      `${who}: ${found} is no hash. Pass hexadecimal digits, as pdqHash and perceptualHash give.`,
    );
  }
  if (a.length === b.length) return;
  throw new ArgumentError(
    `${who}: one hash has ${4 * a.length} bits, the other ${4 * b.length}. Compare hashes of the same kind.`,
  );
}

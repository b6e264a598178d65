import { ArgumentError } from './errors.js';
import { nearestNames } from './nearestNames.js';

/** Throws `ArgumentError` for an option that nobody knows, with the nearest one that somebody does. */
export function checkOptions(who: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new ArgumentError(
      `${who}: the options are ${String(options)}, but must be an object of ${known.join(', ')}.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const nearest = nearestNames(key, known).map((name) => `'${name}'`);
    const hint = nearest.length > 0 ? `Did you mean ${nearest.join(' or ')}?` : `The options are ${known.join(', ')}.`;
    throw new ArgumentError(`${who}: there is no option '${key}'. ${hint}`);
  }
}

import { checkWhole } from '../../base/check.js';
import { ArgumentError } from '../../base/errors.js';

/** Options of pruners that halve: steps are what trials report, such as epochs. */
export interface HalvingOptions {
  /** The step of the first decision. Default 1. */
  least?: number | undefined;
  /** The step at which a trial is complete. */
  most: number;
  /** One of so many trials goes on. Default 3. */
  eta?: number | undefined;
}

/** The options with their defaults. Throws `ArgumentError` where they make no sense. */
export function readHalving(who: string, options: HalvingOptions): { least: number; most: number; eta: number } {
  const least = checkWhole(who, 'least', options.least ?? 1, 1);
  const most = checkWhole(who, 'most', options.most, 1);
  const { eta = 3 } = options;
  if (!(eta > 1)) throw new ArgumentError(`${who}: eta is ${eta}, but must be above 1.`);
  if (least > most) throw new ArgumentError(`${who}: least is ${least}, but must be at most ${most}, which is most.`);
  return { least, most, eta };
}

import { describeValue } from '../base/describeValue.js';
import { ArgumentError } from '../base/errors.js';
import { listOf } from '../tensor/checkTensor.js';
import { Parameter } from '../tensor/parameter.js';

/**
 * The parameters of an iterable, each one once, in order.
 *
 * Throws `ArgumentError` for anything but a Parameter, and for a generator that has been read before.
 */
export function parameterList(who: string, name: string, params: unknown): readonly Parameter[] {
  const list = [...new Set(listOf(who, name, params, 'Parameter'))];
  for (const p of list) {
    if (!(p instanceof Parameter)) {
      const hint = Array.isArray(p) ? ' Use model.parameters(), not namedParameters().' : '';
      throw new ArgumentError(`${who}: ${name} holds ${describeValue(p)}, which is not a Parameter.${hint}`);
    }
  }
  return list as Parameter[];
}

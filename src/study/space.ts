import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';

/** A value of a parameter, as it stands in a configuration. */
export type ParameterValue = number | string | boolean;

/** The values of all parameters that are active, by name. */
export type Configuration = Readonly<Record<string, ParameterValue>>;

/** On which values of parameters before it a parameter depends: it is active where all of them have one of these. */
export type Condition = Readonly<Record<string, ParameterValue | readonly ParameterValue[]>>;

/** A real number from `low` to `high`, every one equally likely. */
export interface UniformParameter {
  /** The kind of parameter. */
  type: 'uniform';
  /** The least value. */
  low: number;
  /** The largest value. */
  high: number;
  /** When it is active. Default: always. */
  when?: Condition | undefined;
}

/** A positive number from `low` to `high`, every order of magnitude equally likely. */
export interface LogParameter {
  /** The kind of parameter. */
  type: 'log';
  /** The least value, above 0. */
  low: number;
  /** The largest value. */
  high: number;
  /** When it is active. Default: always. */
  when?: Condition | undefined;
}

/** A whole number from `low` to `high`. */
export interface IntegerParameter {
  /** The kind of parameter. */
  type: 'integer';
  /** The least value. */
  low: number;
  /** The largest value. */
  high: number;
  /** Every order of magnitude is equally likely. Default false. */
  log?: boolean | undefined;
  /** When it is active. Default: always. */
  when?: Condition | undefined;
}

/** One of several values. */
export interface ChoiceParameter {
  /** The kind of parameter. */
  type: 'choice';
  /** The values. */
  values: readonly ParameterValue[];
  /** When it is active. Default: always. */
  when?: Condition | undefined;
}

/** What a parameter may be. It is plain data, so that a space can stand in a JSON file. */
export type SearchParameter = UniformParameter | LogParameter | IntegerParameter | ChoiceParameter;

/** The parameters of a study by name. Those that a condition names come before the parameter that has it. */
export type SearchSpace = Readonly<Record<string, SearchParameter>>;

/** A real number from `low` to `high`, every one equally likely. */
export function uniform(low: number, high: number): UniformParameter {
  return { type: 'uniform', low, high };
}

/** A positive number from `low` to `high`, every order of magnitude equally likely: for learning rates and weight decay. */
export function log(low: number, high: number): LogParameter {
  return { type: 'log', low, high };
}

/** Options of `integer`. */
export interface IntegerOptions {
  /** Every order of magnitude is equally likely. Default false. */
  log?: boolean | undefined;
}

/** A whole number from `low` to `high`, both included. */
export function integer(low: number, high: number, options: IntegerOptions = {}): IntegerParameter {
  checkOptions('integer', options, ['log']);
  return { type: 'integer', low, high, ...options };
}

/** One of several numbers, texts or booleans. */
export function choice(values: readonly ParameterValue[]): ChoiceParameter {
  return { type: 'choice', values };
}

/**
 * A parameter that is active only where other parameters have certain values.
 *
 * @example
 * const space = {
 *   optimizer: choice(['sgd', 'adam']),
 *   momentum: when({ optimizer: 'sgd' }, uniform(0, 0.99)),
 * };
 */
export function when<P extends SearchParameter>(condition: Condition, parameter: P): P {
  return { ...parameter, when: { ...parameter.when, ...condition } };
}

/** Whether a parameter is active beside the values of those before it. */
export function isActive(parameter: SearchParameter, before: Configuration): boolean {
  return Object.entries(parameter.when ?? {}).every(([name, wanted]) =>
    (Array.isArray(wanted) ? wanted : [wanted]).includes(before[name]),
  );
}

/** Throws `ArgumentError` for a space without a point, and for parameters that make no sense. */
export function checkSpace(who: string, space: SearchSpace): void {
  if (typeof space !== 'object' || space === null || Object.keys(space).length === 0) {
    throw new ArgumentError(
      `${who}: the space has no parameters, so there is nothing to try. Pass one, such as { learningRate: log(1e-4, 1) }.`,
    );
  }
  const before = new Map<string, SearchParameter>();
  for (const [name, parameter] of Object.entries(space)) {
    checkParameter(who, name, parameter);
    for (const [parent, wanted] of Object.entries(parameter.when ?? {})) {
      checkCondition(who, name, parent, wanted, before.get(parent));
    }
    before.set(name, parameter);
  }
}

const FIELDS: Readonly<Record<SearchParameter['type'], readonly string[]>> = {
  uniform: ['type', 'low', 'high', 'when'],
  log: ['type', 'low', 'high', 'when'],
  integer: ['type', 'low', 'high', 'log', 'when'],
  choice: ['type', 'values', 'when'],
};

function checkParameter(who: string, name: string, parameter: SearchParameter): void {
  const what = `${who}: the parameter '${name}'`;
  const known = Object.hasOwn(FIELDS, parameter?.type ?? '') ? FIELDS[parameter.type] : undefined;
  if (known === undefined) {
    throw new ArgumentError(`${what} has the type '${parameter?.type}', but must be uniform, log, integer or choice.`);
  }
  checkOptions(what, parameter, known);
  if (parameter.type === 'choice') {
    const { values } = parameter;
    if (!Array.isArray(values) || values.length === 0) {
      throw new ArgumentError(`${what} is a choice of no values, so the space has no point. Give it one at least.`);
    }
    const strange = values.find((v) => !['string', 'boolean'].includes(typeof v) && !Number.isFinite(v));
    if (strange !== undefined || new Set(values).size < values.length) {
      throw new ArgumentError(
        `${what} is a choice of ${JSON.stringify(values)}, but needs different numbers, texts or booleans.`,
      );
    }
    return;
  }
  const { type, low, high } = parameter;
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw new ArgumentError(
      `${what} goes from ${low} to ${high}, which holds no value. Give the smaller number first.`,
    );
  }
  if (type === 'integer' && !(Number.isSafeInteger(low) && Number.isSafeInteger(high))) {
    throw new ArgumentError(`${what} goes from ${low} to ${high}, but an integer needs whole numbers.`);
  }
  if ((type === 'log' || (type === 'integer' && parameter.log === true)) && low <= 0) {
    throw new ArgumentError(`${what} goes from ${low} to ${high}, but a logarithmic one needs numbers above 0.`);
  }
}

function checkCondition(
  who: string,
  name: string,
  parent: string,
  wanted: ParameterValue | readonly ParameterValue[],
  found: SearchParameter | undefined,
): void {
  const what = `${who}: the parameter '${name}' depends on '${parent}'`;
  if (found === undefined) throw new ArgumentError(`${what}, which does not come before it. Change their order.`);
  const list = Array.isArray(wanted) ? wanted : [wanted];
  if (list.length === 0) throw new ArgumentError(`${what} having one of no values, so it is never active.`);
  if (found.type !== 'choice') return;
  for (const value of list) {
    if (found.values.includes(value)) continue;
    throw new ArgumentError(
      `${what} being ${JSON.stringify(value)}, but its values are ${JSON.stringify(found.values)}.`,
    );
  }
}

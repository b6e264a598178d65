import type { ParameterValue, SearchParameter } from './space.js';

/** The value at a place from 0 to 1 of a parameter's range: what all samplers draw in. */
export function fromUnit(parameter: SearchParameter, u: number): ParameterValue {
  const place = Math.min(Math.max(u, 0), 1);
  switch (parameter.type) {
    case 'choice':
      return parameter.values[Math.min(Math.floor(place * parameter.values.length), parameter.values.length - 1)];
    case 'uniform':
      return between(parameter.low, parameter.high, parameter.low + place * (parameter.high - parameter.low));
    case 'log':
      return between(parameter.low, parameter.high, parameter.low * (parameter.high / parameter.low) ** place);
    case 'integer': {
      // Each whole number owns the interval around it.
      const [low, high] = [parameter.low - 0.5, parameter.high + 0.5];
      const x = parameter.log === true ? low * (high / low) ** place : low + place * (high - low);
      return between(parameter.low, parameter.high, Math.round(x));
    }
  }
}

/** Where in its range a value is: the middle of its interval for whole numbers and choices. */
export function toUnit(parameter: SearchParameter, value: ParameterValue): number {
  const x = Number(value);
  switch (parameter.type) {
    case 'choice':
      return (parameter.values.indexOf(value) + 0.5) / parameter.values.length;
    case 'uniform':
      return parameter.high === parameter.low ? 0.5 : (x - parameter.low) / (parameter.high - parameter.low);
    case 'log':
      return parameter.high === parameter.low
        ? 0.5
        : Math.log(x / parameter.low) / Math.log(parameter.high / parameter.low);
    case 'integer': {
      const [low, high] = [parameter.low - 0.5, parameter.high + 0.5];
      return parameter.log === true ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
    }
  }
}

/** How many values a parameter has: infinitely many for real numbers. */
export function sizeOf(parameter: SearchParameter): number {
  if (parameter.type === 'choice') return parameter.values.length;
  if (parameter.type === 'integer') return parameter.high - parameter.low + 1;
  return parameter.low === parameter.high ? 1 : Number.POSITIVE_INFINITY;
}

function between(low: number, high: number, x: number): number {
  return Math.min(Math.max(x, low), high);
}

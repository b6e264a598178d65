import { expect, test } from 'vitest';
import { checkOptions } from '../../src/base/checkOptions.js';

const check = (options: unknown) => () => checkOptions('stepSchedule', options as object, ['stepSize', 'gamma']);

test('takes the options that there are, whatever their values', () => {
  expect(check({})).not.toThrow();
  expect(check({ gamma: undefined, stepSize: -1 })).not.toThrow();
});

test('names the nearest option for one that there is not, or all', () => {
  expect(check({ stepsize: 2 })).toThrow("stepSchedule: there is no option 'stepsize'. Did you mean 'stepSize'?");
  expect(check({ patience: 2 })).toThrow("there is no option 'patience'. The options are stepSize, gamma.");
});

test.each([[undefined], [null], [30], ['30']])('says what options are when it gets %s', (options) => {
  expect(check(options)).toThrow(`stepSchedule: the options are ${options}, but must be an object of stepSize, gamma.`);
});

import { describe, expect, it } from 'vitest';
import { fan, fans, gain, type Nonlinearity } from '../../src/layers/fans.js';

describe('fans', () => {
  it('counts the inputs and outputs of a linear layer', () => {
    expect(fans('t', [10, 64])).toEqual({ fanIn: 64, fanOut: 10 });
  });

  it('counts the window of a convolution: 64 channels of 3x3 are 576 inputs', () => {
    expect(fans('t', [128, 64, 3, 3])).toEqual({ fanIn: 576, fanOut: 1152 });
    expect(fan('t', [128, 64, 3, 3], 'fanOut')).toBe(1152);
  });

  it('names the shape when there is no fan', () => {
    expect(() => fans('kaiming', [8])).toThrow(
      'kaiming: a weight of shape [8] has no fan; it needs at least 2 axes, [outputs, inputs, ...].',
    );
    expect(() => fan('kaiming', [8, 4], 'fan_in' as 'fanIn')).toThrow("kaiming: mode is 'fan_in'");
  });
});

describe('gain', () => {
  it.each<[Nonlinearity, number]>([
    ['linear', 1],
    ['sigmoid', 1],
    ['tanh', 5 / 3],
    ['relu', Math.sqrt(2)],
    ['leakyRelu', Math.sqrt(2 / 1.0001)],
    ['selu', 0.75],
  ])('of %s is %d', (nonlinearity, expected) => {
    expect(gain(nonlinearity)).toBeCloseTo(expected, 15);
  });

  it('follows the slope of a leaky rectifier: slope 1 is linear', () => {
    expect(gain('leakyRelu', 1)).toBe(1);
    expect(gain('leakyRelu', 0)).toBe(gain('relu'));
  });

  it('lists the known nonlinearities', () => {
    expect(() => gain('swish' as 'relu')).toThrow("gain: nonlinearity is 'swish', but must be one of 'linear'");
  });
});

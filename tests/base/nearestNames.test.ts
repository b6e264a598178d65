import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestNames } from '../../src/base/nearestNames.js';

describe('editDistance', () => {
  it('counts insertions, deletions and replacements', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('', 'abc')).toBe(3);
    expect(editDistance('resnet20', 'resnet20')).toBe(0);
  });

  it('is symmetric, obeys the triangle inequality, and is 0 for equal names only', () => {
    const word = fc.string({ maxLength: 6 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe('nearestNames', () => {
  const names = ['cifar_net', 'vgg_small', 'resnet20', 'resnet50', 'resnet56', 'resnet110'];

  it('finds what a slip was meant to be, whatever the case', () => {
    expect(nearestNames('resnet2O', names)).toEqual(['resnet20']);
    expect(nearestNames('ResNet-20', names)).toEqual(['resnet20']);
    expect(nearestNames('cifarnet', names)).toEqual(['cifar_net']);
  });

  it('gives all that are as near, in their order', () => {
    expect(nearestNames('resnet51', names)).toEqual(['resnet50', 'resnet56']);
  });

  it('takes a beginning for the whole where nothing is near', () => {
    expect(nearestNames('vgg', [...names, 'vgg_large'])).toEqual(['vgg_small', 'vgg_large']);
    expect(nearestNames('vg', names)).toEqual([]);
  });

  it('suggests nothing for a name that is far from all', () => {
    expect(nearestNames('transformer', names)).toEqual([]);
    expect(nearestNames('', names)).toEqual([]);
  });
});

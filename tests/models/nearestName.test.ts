import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from '../../src/models/nearestName.js';

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

describe('nearestName', () => {
  const names = ['cifar_net', 'vgg_small', 'resnet20', 'resnet110'];

  it('finds what a slip was meant to be, whatever the case', () => {
    expect(nearestName('resnet2O', names)).toBe('resnet20');
    expect(nearestName('ResNet-20', names)).toBe('resnet20');
    expect(nearestName('cifarnet', names)).toBe('cifar_net');
  });

  it('suggests nothing for a name that is far from all', () => {
    expect(nearestName('transformer', names)).toBeUndefined();
    expect(nearestName('', names)).toBeUndefined();
  });
});

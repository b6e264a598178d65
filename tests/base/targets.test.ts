import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/base/errors.js';
import { Targets } from '../../src/base/targets.js';

describe('Targets', () => {
  test('say what they are, also with one class', () => {
    const indices = Targets.classIndices([2, 0, 1]);
    expect(indices).toMatchObject({ kind: 'classIndices', perImage: 1, length: 3 });
    const answers = Targets.multiHot([1, 0, 1], 1);
    expect(answers).toMatchObject({ kind: 'multiHot', perImage: 1, length: 3 });
    expect([...answers.values]).toEqual([1, 0, 1]);
  });

  test('a slice has the images asked for, in the same form and memory', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 6 }),
        (k, a, b) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          const whole = Targets.multiHot(
            Int32Array.from({ length: 6 * k }, (_, i) => i % 2),
            k,
          );
          const slice = whole.slice(from, to);
          expect(slice).toMatchObject({ kind: 'multiHot', perImage: k, length: to - from });
          expect([...slice.values]).toEqual([...whole.values].slice(from * k, to * k));
          expect(slice.values.buffer).toBe(whole.values.buffer);
        },
      ),
    );
  });

  test('labels that do not say what they are go by their number', () => {
    expect(Targets.fromLabels([1, 0], 2)).toMatchObject({ kind: 'classIndices', length: 2 });
    expect(Targets.fromLabels([1, 0, 1, 1], 2)).toMatchObject({ kind: 'multiHot', perImage: 2, length: 2 });
    expect(() => Targets.fromLabels([1, 0, 1], 2)).toThrow('3 labels for 2 images');
    expect(() => Targets.multiHot([1, 0, 1], 2)).toThrow(ShapeError);
  });
});

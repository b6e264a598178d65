import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/base/errors.js';
import { Calibration, expectedCalibrationError } from '../../src/metrics/calibration.js';
import { Tensor } from '../../src/tensor/tensor.js';

/** Two logits whose softmax is (p, 1 - p) for 3/4 and 1/2. */
const sure = [Math.log(3), 0];
const torn = [0, 0];

describe('expectedCalibrationError', () => {
  test('is 0 where confidence is what comes true', () => {
    expect(expectedCalibrationError(Tensor.from([sure, sure, sure, sure]), [0, 0, 0, 1])).toBeCloseTo(0, 7);
    expect(expectedCalibrationError(Tensor.from([torn, torn]), [0, 1])).toBe(0);
  });

  test('weighs the gaps of the bins by their images', () => {
    // Three of confidence 3/4, all right: a gap of 1/4. One of confidence 1/2, wrong: a gap of 1/2.
    const error = expectedCalibrationError(Tensor.from([sure, sure, sure, torn]), [0, 0, 0, 1]);
    expect(error).toBeCloseTo((3 / 4) * (1 / 4) + (1 / 4) * (1 / 2), 7);
  });

  test('lets gaps within a bin cancel, and with one bin only the means count', () => {
    // Mean confidence (3/4 + 1/2) / 2 = 5/8, one of two right.
    const logits = Tensor.from([sure, torn]);
    expect(expectedCalibrationError(logits, [0, 1], { bins: 1 })).toBeCloseTo(1 / 8, 7);
    expect(expectedCalibrationError(logits, [0, 1], { bins: 15 })).toBeCloseTo((1 / 4 + 1 / 2) / 2, 7);
  });

  test('is not defined for no images or a NaN', () => {
    expect(new Calibration().compute()).toBeNaN();
    expect(expectedCalibrationError(Tensor.from([[Number.NaN, 1]]), [1])).toBeNaN();
  });

  test('refuses labels and bins that do not fit', () => {
    expect(() => expectedCalibrationError(Tensor.zeros([2, 2]), [0])).toThrow(
      new ShapeError('Calibration: 1 labels for 2 rows of logits.'),
    );
    expect(() => new Calibration({ bins: 0 })).toThrow('bins is 0, but must be a whole number >= 1.');
  });
});

describe('Calibration', () => {
  test('keeps a confidence on a border in the bin below', () => {
    const error = new Calibration({ bins: 2 });
    error.update(Tensor.from([torn, sure, [1000, 0]]), [0, 0, 0]);
    const [low, high] = error.reliability();
    expect([low.from, low.to, low.count, low.confidence, low.accuracy]).toEqual([0, 0.5, 1, 0.5, 1]);
    expect([high.from, high.to, high.count, high.accuracy]).toEqual([0.5, 1, 2, 1]);
    expect(high.confidence).toBeCloseTo((3 / 4 + 1) / 2, 7);
  });

  test('has 15 bins, and NaN for the means of empty ones', () => {
    const bins = new Calibration().reliability();
    expect(bins).toHaveLength(15);
    expect([bins[0].count, bins[0].confidence, bins[0].accuracy]).toEqual([0, Number.NaN, Number.NaN]);
  });
});

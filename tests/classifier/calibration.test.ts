import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { fitBinaryTemperature, fitTemperature, learnOperatingPoints } from '../../src/classifier/index.js';
import { thresholdsFor } from '../../src/classifier/operatingPoints.js';
import { Tensor } from '../../src/index.js';
import { expectedCalibrationError } from '../../src/metrics/index.js';

/** Logits of N pictures and labels drawn from their softmax: a classifier that is calibrated by construction. */
function calibrated(n: number, classes: number, seed: string) {
  const random = new RandomStream(seed);
  const logits = new Float64Array(n * classes).map(() => 6 * random.uniform());
  const labels = Array.from({ length: n }, (_, i) => {
    const exps = Array.from(logits.subarray(i * classes, (i + 1) * classes), Math.exp);
    let left = random.uniform() * exps.reduce((a, b) => a + b);
    return Math.min(
      classes - 1,
      exps.findIndex((e) => (left -= e) < 0),
    );
  });
  return { logits, labels };
}

describe('fitTemperature', () => {
  test('is 4 / ln 3 where three of four answers of logit 4 are right', () => {
    // The best confidence is 3/4: 4 / T = ln 3.
    const logits = [4, 0, 0, 4, 4, 0, 0, 4];
    expect(fitTemperature({ logits, classes: 2 }, [0, 1, 0, 0])).toBeCloseTo(4 / Math.log(3), 6);
    expect(fitBinaryTemperature([4, 4, -4, -4], [1, 1, 0, 1])).toBeCloseTo(4 / Math.log(3), 6);
  });

  test('finds by how much calibrated logits were multiplied', () => {
    const { logits, labels } = calibrated(20_000, 5, 'temperature');
    for (const factor of [0.25, 1, 4]) {
      const scaled = logits.map((z) => factor * z);
      expect(fitTemperature({ logits: scaled, classes: 5 }, labels) / factor).toBeCloseTo(1, 1);
    }
  });

  test('brings the calibration error of overconfident logits down to that of calibrated ones', () => {
    const { logits, labels } = calibrated(20_000, 5, 'error');
    const error = (by: number): number =>
      expectedCalibrationError(
        Tensor.from(
          logits.map((z) => by * z),
          [20_000, 5],
        ),
        labels,
      );
    const temperature = fitTemperature({ logits: logits.map((z) => 3 * z), classes: 5 }, labels);
    expect(error(3)).toBeGreaterThan(0.1);
    expect(error(3 / temperature)).toBeLessThan(0.012);
  });

  test('refuses shapes that do not fit and values that are no numbers', () => {
    expect(() => fitTemperature({ logits: [1, 2, 3], classes: 2 }, [0])).toThrow('3 logits of 2 classes do not fit 1');
    expect(() => fitTemperature({ logits: [1, Number.NaN], classes: 2 }, [0])).toThrow('NaN or infinite');
  });
});

describe('learnOperatingPoints', () => {
  test('finds the lowest confidence at which the bound holds', () => {
    // 40 right ones above 0.5, then 40 wrong ones: all of the upper are called at 0.9, not many of the lower.
    const scores = Array.from({ length: 80 }, (_, i) => 1 - i / 100);
    const marks = Array.from({ length: 80 }, (_, i) => Number(i < 40));
    const points = learnOperatingPoints(scores, marks, 1);
    const [threshold] = thresholdsFor(points, 0.9);
    const called = scores.filter((s) => s >= (threshold as number)).length;
    // Wilson's bound at 40 of 42 is 0.905, at 40 of 43 it is 0.878.
    expect(called).toBe(42);
    expect(points.recalls[points.precisions.indexOf(0.9)]).toEqual([1]);
  });

  test('gives no threshold where the precision is out of reach', () => {
    const points = learnOperatingPoints([0.9, 0.8, 0.7], [1, 0, 1], 1);
    expect(thresholdsFor(points, 0.95)).toEqual([null]);
    expect(() => thresholdsFor(points, 0.9999)).toThrow('precision is 0.9999, but must be above 0 and at most 0.995');
  });

  test('asking for more precision never lowers a threshold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), { minLength: 5 }),
        (rows) => {
          const points = learnOperatingPoints(
            rows.map(([score]) => score),
            rows.map(([, mark]) => Number(mark)),
            1,
          );
          const thresholds = points.thresholds.map(([t]) => t ?? Number.POSITIVE_INFINITY);
          expect(thresholds).toEqual([...thresholds].sort((a, b) => a - b));
        },
      ),
    );
  });

  test('labels claimed at 90 % on held-out pictures have about 90 % on others', () => {
    const [seen, other] = ['learn', 'test'].map((seed) => {
      const { logits, labels } = calibrated(5000, 4, seed);
      const confidences = logits.map((_, i) => {
        const row = logits.subarray(i - (i % 4), i - (i % 4) + 4);
        return Math.exp(logits[i]) / row.reduce((sum, z) => sum + Math.exp(z), 0);
      });
      const marks = Array.from(confidences, (_, i) => Number(labels[Math.floor(i / 4)] === i % 4));
      return { confidences, marks };
    });
    const thresholds = thresholdsFor(learnOperatingPoints(seen.confidences, seen.marks, 4), 0.9);
    let [called, right] = [0, 0];
    for (let i = 0; i < other.marks.length; i++) {
      if (other.confidences[i] < (thresholds[i % 4] as number)) continue;
      called++;
      right += other.marks[i];
    }
    expect(called).toBeGreaterThan(500);
    expect(Math.abs(right / called - 0.9)).toBeLessThan(0.025);
  });
});

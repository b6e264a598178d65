import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/base/random.js';
import { CorrectionHead } from '../../src/organize/index.js';

const classes = ['ant', 'bee', 'wasp'];

/** Photographs of three kinds whose features tell them apart, and a classifier that takes half of the bees for wasps. */
function drawnPhotos(count: number) {
  const random = new RandomStream('corrections');
  const truth = Array.from({ length: count }, (_, n) => n % 3);
  const features = truth.map((k) =>
    Float32Array.from({ length: 16 }, (_, j) => 0.5 + Number(j === k) + 0.25 * random.normal()),
  );
  const confidences = truth.map((k, n) => {
    const taken = k === 1 && n % 2 === 0 ? 2 : k;
    return classes.map((_, j) => (j === taken ? 0.8 : 0.1));
  });
  return { truth, features, confidences };
}

function f1(truth: readonly number[], found: readonly number[], k: number): number {
  const hits = truth.filter((t, n) => t === k && found[n] === k).length;
  return (2 * hits) / (truth.filter((t) => t === k).length + found.filter((f) => f === k).length);
}

const top = (row: ArrayLike<number>): number => Array.from(row).indexOf(Math.max(...Array.from(row)));

describe('CorrectionHead', () => {
  const { truth, features, confidences } = drawnPhotos(300);

  test('learns from 20 corrections what else was mistaken, in less than a second', () => {
    const wrong = [...truth.keys()].filter((n) => top(confidences[n]) !== truth[n]).slice(0, 20);
    const begun = performance.now();
    const head = new CorrectionHead(
      classes,
      { features, confidences },
      wrong.map((photo) => ({ photo, label: 'bee' })),
    );
    expect(performance.now() - begun).toBeLessThan(1000);
    const rest = [...truth.keys()].filter((n) => !wrong.includes(n));
    const before = f1(
      rest.map((n) => truth[n]),
      rest.map((n) => top(confidences[n])),
      1,
    );
    const after = f1(
      rest.map((n) => truth[n]),
      rest.map((n) => top(head.confidences(features[n], confidences[n]))),
      1,
    );
    expect(after - before).toBeGreaterThan(0.1);
    const found = rest.map((n) => top(head.confidences(features[n], confidences[n])));
    expect(
      f1(
        rest.map((n) => truth[n]),
        found,
        0,
      ),
    ).toBeGreaterThan(0.95);
  });

  test('changes nothing without corrections', () => {
    const head = new CorrectionHead(classes, { features, confidences }, []);
    expect(head.labels).toEqual(classes);
    for (const [k, p] of head.confidences(features[0], confidences[0]).entries())
      expect(p).toBeCloseTo(confidences[0][k]);
  });

  test('leaves sure answers as sure as they are, of a thousand classes too', () => {
    const many = Array.from({ length: 1000 }, (_, k) => `class ${k}`);
    const sure = Float64Array.from(many, (_, k) => (k === 7 ? 0.99 : 0.01 / 999));
    const rows = { features: [features[0], features[1]], confidences: [sure, sure] };
    const plain = new CorrectionHead(many, rows, []);
    expect(plain.confidences(features[0], sure)[7]).toBeCloseTo(0.99, 9);
    const corrected = new CorrectionHead(many, rows, [{ photo: 1, label: 'class 9' }]);
    expect(corrected.confidences(features[2], sure)[7]).toBeGreaterThan(0.9);
  });

  test('takes in labels that the classifier does not know', () => {
    const corrections = [0, 3, 6, 9, 12, 15].map((photo) => ({ photo, label: 'termite' }));
    const head = new CorrectionHead(classes, { features, confidences }, corrections);
    expect(head.labels).toEqual([...classes, 'termite']);
    expect(top(head.confidences(features[18], confidences[18]))).toBe(3);
    expect(top(head.confidences(features[19], confidences[19]))).not.toBe(3);
  });

  test('refuses features and confidences of different photographs', () => {
    expect(() => new CorrectionHead(classes, { features, confidences: [] }, [])).toThrow(
      'there are 300 rows of features, but 0',
    );
  });
});

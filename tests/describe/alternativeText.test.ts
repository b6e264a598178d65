import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alternativeText, describedLanguages } from '../../src/describe/index.js';
import { BLUE, colorClassifier, colored, GREEN, RED } from '../../testing/colorClassifier.js';

const classifier = colorClassifier(['beagle', 'bicycle', 'Siamese cat'].map((name) => ({ name })));
const known = colorClassifier(['dog', 'bicycle', 'cat']);

describe('alternativeText', () => {
  test('names the concept of a class in plain words, with its confidence and status', async () => {
    const { text, claims, confidence, status } = await alternativeText(colored([RED]), { classifier });
    expect(text).toBe('May be an image of a dog');
    expect(claims).toEqual([{ concept: 'dog', confidence, classes: ['beagle'] }]);
    expect(confidence).toBeGreaterThan(0.99);
    expect(status).toBe('suggested');
  });

  test.each([
    ['de', 'Das Bild zeigt möglicherweise einen Hund'],
    ['de-CH', 'Das Bild zeigt möglicherweise einen Hund'],
    ['fr', 'L’image montre peut-être un chien'],
    ['es', 'La imagen podría mostrar un perro'],
    ['ja', '犬の画像かもしれません'],
  ])('speaks %s', async (locale, text) => {
    expect((await alternativeText(colored([RED]), { classifier: known, locale })).text).toBe(text);
  });

  test('is more general where it is unsure which', async () => {
    const { text, claims } = await alternativeText(colored([[255, 0, 255]]), { classifier });
    expect(text).toBe('May be an image of a mammal');
    expect(claims[0].classes).toEqual(['beagle', 'Siamese cat']);
  });

  test('is silent, with a reason, where nothing is sure enough', async () => {
    const result = await alternativeText(colored([[255, 255, 0]]), { classifier });
    expect(result).toMatchObject({ text: '', claims: [], confidence: 0 });
    expect(result.reason).toMatch(/^the surest concept, '.*', has a confidence of 0\.[56]/);
  });

  test('sees a second thing in the halves of a picture when asked', async () => {
    const photo = colored([RED, GREEN]);
    expect((await alternativeText(photo, { classifier: known })).text).toBe('');
    const { text } = await alternativeText(photo, { classifier: known, regions: 'halves' });
    expect(text).toBe('May be an image of a dog and a bicycle');
  });

  test('names numbers that are known', async () => {
    const photo = colored([RED, BLUE]);
    const how = { classifier: known, regions: 'halves', counts: { dog: 3 } } as const;
    expect((await alternativeText(photo, { ...how, precision: 0.95 })).text).toBe('May be an image of a mammal');
    const apart = colorClassifier(['dog', 'bicycle', 'car']);
    expect((await alternativeText(photo, { ...how, classifier: apart, locale: 'ja' })).text).toMatch(
      /^3匹の犬.*自動車/,
    );
  });

  test('never says what covers all classes, nor the no of a yes-or-no question', async () => {
    const animals = colorClassifier(['dog', 'wolf', 'cat']);
    expect((await alternativeText(colored([[200, 200, 200]]), { classifier: animals })).text).toBe('');
  });

  test('keeps to the operating points of single classes', async () => {
    const operatingPoints = {
      precisions: [0.9],
      thresholds: [[null, 0.4, 0.4]],
      recalls: [[0, 1, 1]],
      images: 100,
    };
    const strict = known.with({ operatingPoints });
    expect((await alternativeText(colored([RED]), { classifier: strict })).text).not.toContain('dog');
    expect((await alternativeText(colored([[150, 255, 250]]), { classifier: strict })).text).toContain('bicycle');
  });

  test('never is a generic word, a code or the name of a file, whatever classes are called', async () => {
    const names = fc.constantFrom(
      'image',
      'class 3',
      'IMG_0042.jpg',
      'other',
      'n02084071',
      'photo',
      '犬.png',
      'object',
      'Photo_1',
      'DSC00042',
      '42',
      'unknown',
      'untitled',
      '/tmp/a/b.png',
      'yes',
    );
    await fc.assert(
      fc.asyncProperty(names, names, fc.constantFrom(...describedLanguages), async (a, b, locale) => {
        if (a === b) return;
        const odd = colorClassifier([a, b, 'dog']);
        for (const color of [RED, GREEN, [255, 255, 0]] as const) {
          const { text, reason } = await alternativeText(colored([color]), { classifier: odd, locale });
          expect(text).toBe('');
          expect(reason).not.toBe('');
        }
      }),
      { numRuns: 15 },
    );
  });

  test('refuses what makes no sense in sentences', async () => {
    const photo = colored([RED]);
    await expect(alternativeText(photo, {} as never)).rejects.toThrow('alternativeText: classifier is missing.');
    await expect(alternativeText(photo, { classifier, locale: 'tlh' })).rejects.toThrow(
      "there are no words for the locale 'tlh'. Use en, de, fr, es, ja.",
    );
    await expect(alternativeText(photo, { classifier, locale: 'no such tag' })).rejects.toThrow(
      'must be a language tag',
    );
    await expect(alternativeText(photo, { classifier, precision: 0.2 })).rejects.toThrow('precision is 0.2');
    await expect(alternativeText(photo, { classifier, maximumClaims: 0 })).rejects.toThrow('maximumClaims is 0');
    await expect(alternativeText(photo, { classifier, regions: 'all' as never })).rejects.toThrow("regions is 'all'");
  });
});

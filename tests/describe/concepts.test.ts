import { describe, expect, test } from 'vitest';
import { imagenetClasses } from '../../src/classifier/presets/imagenetClasses.js';
import { classConcepts } from '../../src/describe/classConcepts.js';
import { concepts, LANGUAGES } from '../../src/describe/concepts.js';
import { describeConcepts } from '../../src/describe/index.js';

describe('the table of concepts', () => {
  const all = [...concepts().values()];

  test('has words in every language, and none twice', () => {
    expect(all.length).toBeGreaterThan(200);
    for (const { id, members, words } of all) {
      expect(members.size, id).toBeGreaterThan(0);
      expect(
        [...members].every((k) => k >= 0 && k < imagenetClasses.length),
        id,
      ).toBe(true);
      for (const language of LANGUAGES) expect(words[language]?.one, `${id} ${language}`).toMatch(/\S/);
    }
    for (const language of ['en', 'de', 'fr', 'es'] as const) {
      const said = all.map(({ words }) => words[language]?.one);
      expect(new Set(said).size, language).toBe(said.length);
    }
  });

  test('has German in the accusative, with an article that fits or none', () => {
    for (const { words } of all) {
      const { one, many } = words.de as { one: string; many: string };
      expect(one).toMatch(many === '' ? /^\p{L}/u : /^(einen|eine|ein|akademische)\s\p{L}/u);
    }
  });

  test('knows everyday groups: each dog is a dog, a mammal and an animal', () => {
    const classes = ['beagle', 'tabby', 'tench', 'convertible', 'acoustic guitar'].map((name) => ({ name }));
    const found = new Map(classConcepts(classes).map(({ id, classes: covered }) => [id, covered]));
    expect(found.get('dog')).toEqual([0]);
    expect(found.get('mammal')).toEqual([0, 1]);
    expect(found.get('animal')).toEqual([0, 1, 2]);
    expect(found.get('vehicle')).toEqual([3]);
    expect(found.get('musical instrument')).toEqual([4]);
  });

  test('takes classes by number where two have one name', () => {
    const cranes = [134, 517].map((number) => ({ name: 'crane', id: `imagenet-${number}` }));
    const bird = classConcepts(cranes).find(({ id }) => id === 'bird');
    expect(bird?.classes).toEqual([0]);
  });
});

describe('describeConcepts', () => {
  test('joins things as each language does, in their order', () => {
    const list = [{ concept: 'dog', count: 2 }, { concept: 'bicycle' }, { concept: 'ice cream' }];
    expect(describeConcepts(list)).toBe('May be an image of 2 dogs, a bicycle, and ice cream');
    expect(describeConcepts(list, { locale: 'de' })).toBe('Das Bild zeigt möglicherweise 2 Hunde, ein Fahrrad und Eis');
    expect(describeConcepts(list, { locale: 'fr' })).toBe('L’image montre peut-être 2 chiens, un vélo et de la glace');
    expect(describeConcepts(list, { locale: 'es' })).toBe('La imagen podría mostrar 2 perros, una bicicleta y helado');
    expect(describeConcepts(list, { locale: 'ja' })).toBe('2匹の犬、自転車、アイスクリームの画像かもしれません');
  });

  test('says one of a thing without a number, and many with the digits of the locale', () => {
    expect(describeConcepts([{ concept: 'people', count: 1 }])).toBe('May be an image of a person');
    expect(describeConcepts([{ concept: 'person', count: 1200 }])).toBe('May be an image of 1,200 people');
    expect(describeConcepts([{ concept: 'person', count: 1200 }], { locale: 'de' })).toContain('1.200 Menschen');
    expect(describeConcepts([])).toBe('');
  });

  test('refuses unknown concepts and counts', () => {
    expect(() => describeConcepts([{ concept: 'flux capacitor' }])).toThrow("'flux capacitor' is not in the table");
    expect(() => describeConcepts([{ concept: 'dog', count: 0.5 }])).toThrow("the count of 'a dog' is 0.5");
  });
});

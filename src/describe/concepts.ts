import { animals } from './words/animals.js';
import { smallThings } from './words/smallThings.js';
import { things } from './words/things.js';
import { vehicles } from './words/vehicles.js';
import { wearAndFood } from './words/wearAndFood.js';

/** The languages that every concept has words in. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja'] as const;

/** A language of the table of concepts, by its ISO 639-1 code. */
export type Language = (typeof LANGUAGES)[number];

/** How a language names a concept. */
export interface Words {
  /** One of it, with its article, as the object of a sentence: 'a dog', 'einen Hund'. */
  readonly one: string;
  /** Several, without a number: 'dogs'. Empty for what can't be counted. */
  readonly many: string;
  /** What Japanese counts it with: '匹'. Empty elsewhere. */
  readonly counter: string;
}

/** Something that a photograph may show and that people have a plain word for. */
export interface Concept {
  /** Its name in English, without an article. */
  readonly id: string;
  /** The classes of ImageNet that it covers, by number. */
  readonly members: ReadonlySet<number>;
  /** Its words by language. */
  readonly words: Readonly<Partial<Record<Language, Words>>>;
}

let parsed: ReadonlyMap<string, Concept> | undefined;

/**
 * All concepts by their ids. A row of the tables has the numbers of ImageNet classes, and then one and many in English, German, French, Spanish
 * and Japanese. German has the accusative, as in 'Das Bild zeigt einen Hund'.
 *
 * Source: which classes belong together follows WordNet 3.0 (Princeton University), in everyday words.
 */
export function concepts(): ReadonlyMap<string, Concept> {
  if (parsed !== undefined) return parsed;
  const rows = [animals, vehicles, things, wearAndFood, smallThings].flatMap((table) => table.trim().split('\n'));
  parsed = new Map(rows.map(parseRow).map((concept) => [concept.id, concept]));
  return parsed;
}

function parseRow(row: string): Concept {
  const [members, ...words] = row.split('|');
  const pair = (language: Language): Words => {
    const at = 2 * LANGUAGES.indexOf(language);
    return language === 'ja'
      ? { one: words[at], many: words[at], counter: words[at + 1] }
      : { one: words[at], many: words[at + 1], counter: '' };
  };
  return {
    id: words[0].replace(/^an? /, ''),
    members: new Set(members.split(',').flatMap(numbersOf)),
    words: { en: pair('en'), de: pair('de'), fr: pair('fr'), es: pair('es'), ja: pair('ja') },
  };
}

/** '3-5' -> 3, 4, 5 */
function numbersOf(range: string): number[] {
  const [first, last = first] = range.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

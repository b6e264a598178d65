import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { conceptNamed } from './classConcepts.js';
import { type Concept, LANGUAGES, type Language } from './concepts.js';

/** A concept and how many of it, where that is known. */
export interface CountedConcept {
  /** Its name in English: 'dog'. */
  readonly concept: string;
  /** A whole number from 1; undefined where it isn't known. */
  readonly count?: number | undefined;
}

/** Options of `describeConcepts`. */
export interface DescribeConceptsOptions {
  /** A BCP 47 language tag such as 'de' or 'fr-CA'. Its language is English, German, French, Spanish or Japanese. Default 'en'. */
  locale?: string | undefined;
}

/** A sentence around a list of things, none of which claims to be certain. */
const SENTENCES: Readonly<Record<Language, (list: string) => string>> = {
  en: (list) => `May be an image of ${list}`,
  de: (list) => `Das Bild zeigt möglicherweise ${list}`,
  fr: (list) => `L’image montre peut-être ${list}`,
  es: (list) => `La imagen podría mostrar ${list}`,
  ja: (list) => `${list}の画像かもしれません`,
};

/**
 * A sentence that names concepts, in their order, with their numbers where these are known.
 *
 * Throws `ArgumentError` for a locale without words, for a concept that isn't in the table, and for a count that is no whole number from 1.
 *
 * @example
 * describeConcepts([{ concept: 'dog', count: 2 }, { concept: 'bicycle' }]); // May be an image of 2 dogs and a bicycle
 */
export function describeConcepts(list: readonly CountedConcept[], options: DescribeConceptsOptions = {}): string {
  checkOptions('describeConcepts', options, ['locale']);
  const { locale = 'en' } = options;
  const language = languageOf('describeConcepts', locale);
  if (list.length === 0) return '';
  const named = list.map(({ concept, count }) => {
    const known = conceptNamed(concept);
    if (known !== undefined) return { words: known.words, count };
    throw new ArgumentError(
      `describeConcepts: '${concept}' is not in the table of concepts. Use an English word such as 'dog' or 'bicycle'.`,
    );
  });
  return sentence(named, locale, language);
}

/** The sentence for concepts with their words. */
export function sentence(
  list: readonly { words: Concept['words']; count?: number | undefined }[],
  locale: string,
  language: Language,
): string {
  const phrases = list.map(({ words, count }) => phrase(words, count, locale, language));
  return SENTENCES[language](new Intl.ListFormat(locale, { type: 'conjunction' }).format(phrases));
}

function phrase(words: Concept['words'], count: number | undefined, locale: string, language: Language): string {
  const { one, many, counter } = words[language] ?? { one: '', many: '', counter: '' };
  if (count === undefined) return one;
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new ArgumentError(
      `describeConcepts: the count of '${one}' is ${count}, but must be a whole number from 1. Leave it out where it isn't known.`,
    );
  }
  const number = new Intl.NumberFormat(locale).format(count);
  if (language === 'ja') return counter === '' ? one : `${number}${counter}の${one}`;
  const isOne = new Intl.PluralRules(locale).select(count) === 'one';
  return isOne || many === '' ? one : `${number} ${many.replace(/^des /, '')}`;
}

/** The language of a locale. Throws `ArgumentError` for a tag that is malformed, and for a language without words. */
export function languageOf(who: string, locale: string): Language {
  let language: string;
  try {
    ({ language } = new Intl.Locale(locale));
  } catch (cause) {
    throw new ArgumentError(`${who}: locale is '${locale}', but must be a language tag such as 'en' or 'de-CH'.`, {
      cause,
    });
  }
  const known = LANGUAGES.find((each) => each === language);
  if (known !== undefined) return known;
  throw new ArgumentError(`${who}: there are no words for the locale '${locale}'. Use ${LANGUAGES.join(', ')}.`);
}

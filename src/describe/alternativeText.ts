import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { ImageClassifier } from '../classifier/imageClassifier.js';
import { type Photo, readPhoto } from '../classifier/photo.js';
import type { Picture } from '../classifier/picture.js';
import { type Claim, claimsOf } from './claims.js';
import { classConcepts } from './classConcepts.js';
import type { Language } from './concepts.js';
import { halves, type Regions } from './regions.js';
import { languageOf, sentence } from './sentence.js';

/** How `alternativeText` describes a photograph. */
export interface AlternativeTextOptions {
  /** Tells what the photograph shows. It should be calibrated, so that its confidences are precisions. */
  classifier: ImageClassifier;
  /** A BCP 47 language tag; English, German, French, Spanish and Japanese have words. Default 'en'. */
  locale?: string | undefined;
  /** The share of claims that have to be right, above 0.5 and up to 1. Default 0.9. */
  precision?: number | undefined;
  /** Concepts that are named at most. Default 3. */
  maximumClaims?: number | undefined;
  /** 'halves' also looks at the halves of the photograph, for a second thing there, and asks for more certainty. Default 'whole'. */
  regions?: Regions | undefined;
  /** How many there are of a concept, where something else has counted: `{ dog: 2 }`. Default: no numbers are named. */
  counts?: Readonly<Record<string, number>> | undefined;
}

/** A suggestion for the alternative text of an image, which a person should confirm. */
export interface AlternativeText {
  /** A sentence; empty where nothing is sure enough. */
  readonly text: string;
  /** What the sentence says, surest first. */
  readonly claims: readonly Claim[];
  /** The least confidence of the claims; 0 without claims. */
  readonly confidence: number;
  /** Why the text is empty. */
  readonly reason?: string | undefined;
  /** A machine suggests, and a person decides. */
  readonly status: 'suggested';
}

const OPTIONS = ['classifier', 'locale', 'precision', 'maximumClaims', 'regions', 'counts'];

/**
 * Suggests an alternative text for people who don't see a photograph. It names only what is right with the wanted precision: 'animal' where it
 * is unsure which, and nothing, with a reason, where it is unsure altogether.
 *
 * Throws `ArgumentError` for options out of range and a locale without words; `DataError` or `FormatError` for a photograph that can't be read.
 *
 * @example
 * const { text } = await alternativeText('photo.jpg', { classifier, locale: 'de' }); // Das Bild zeigt möglicherweise einen Hund
 */
export async function alternativeText(photo: Photo, options: AlternativeTextOptions): Promise<AlternativeText> {
  const { classifier, locale, language, precision, maximumClaims, regions, counts } = checked(options);
  const picture = await readPhoto(photo);
  const parts = [picture, ...(regions === 'halves' ? halves(picture) : [])];
  const { claims, reason } = await claimsIn(classifier, parts, precision, language);
  if (claims.length === 0) return { text: '', claims: [], confidence: 0, reason, status: 'suggested' };
  const named = claims.slice(0, maximumClaims).map((claim) => withCount(claim, counts));
  const words = new Map(classConcepts(classifier.settings.classes).map((each) => [each.id, each.words]));
  return {
    text: sentence(
      named.map(({ concept, count }) => ({ words: words.get(concept) ?? {}, count })),
      locale,
      language,
    ),
    claims: named,
    confidence: Math.min(...named.map(({ confidence }) => confidence)),
    status: 'suggested',
  };
}

/** The claims of the whole picture, and those of its parts that it doesn't have. */
async function claimsIn(classifier: ImageClassifier, parts: Picture[], precision: number, language: Language) {
  const [whole, ...rest] = await classifier.confidences(parts);
  const { claims, reason } = claimsOf(classifier.settings, whole, precision, language);
  const all = [...claims];
  // More looks are more chances to be wrong, so each has to be surer (Bonferroni's correction).
  const stricter = 1 - (1 - precision) / parts.length;
  for (const part of rest) {
    for (const claim of claimsOf(classifier.settings, part, stricter, language).claims) {
      if (!all.some((known) => known.classes.some((name) => claim.classes.includes(name)))) all.push(claim);
    }
  }
  return { claims: all, reason };
}

function withCount(claim: Claim, counts: Readonly<Record<string, number>>): Claim {
  return Object.hasOwn(counts, claim.concept) ? { ...claim, count: counts[claim.concept] } : claim;
}

function checked(options: AlternativeTextOptions) {
  const who = 'alternativeText';
  checkOptions(who, options, OPTIONS);
  const { classifier, locale = 'en', precision = 0.9, maximumClaims = 3, regions = 'whole', counts = {} } = options;
  if (!(classifier instanceof ImageClassifier)) {
    throw new ArgumentError(
      `${who}: classifier is missing. Pass an ImageClassifier, such as await ImageClassifier.load('photos.safetensors').`,
    );
  }
  if (!(precision > 0.5 && precision <= 1)) {
    throw new ArgumentError(`${who}: precision is ${precision}, but must be above 0.5 and at most 1.`);
  }
  if (!(Number.isSafeInteger(maximumClaims) && maximumClaims >= 1)) {
    throw new ArgumentError(`${who}: maximumClaims is ${maximumClaims}, but must be a whole number from 1.`);
  }
  if (regions !== 'whole' && regions !== 'halves') {
    throw new ArgumentError(`${who}: regions is '${String(regions)}', but must be 'whole' or 'halves'.`);
  }
  return { classifier, locale, language: languageOf(who, locale), precision, maximumClaims, regions, counts };
}

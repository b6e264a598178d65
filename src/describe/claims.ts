import { thresholdsFor } from '../classifier/operatingPoints.js';
import type { ClassifierSettings } from '../classifier/settings.js';
import { type ClassConcept, classConcepts } from './classConcepts.js';
import type { Language } from './concepts.js';

/** One thing that a text says of a photograph. */
export interface Claim {
  /** Its name in English, without an article: 'dog'. */
  readonly concept: string;
  /** 0 to 1: how sure the classifier is. */
  readonly confidence: number;
  /** The classes that it stands for. */
  readonly classes: readonly string[];
  /** How many there are, where that is known. */
  readonly count?: number | undefined;
}

/** What is sure enough, most certain first; or why nothing is. */
export interface Claims {
  readonly claims: readonly Claim[];
  readonly reason?: string | undefined;
}

/** Concepts of each classifier: the search through all names takes milliseconds. */
const known = new WeakMap<ClassifierSettings, ClassConcept[]>();

/**
 * The concepts that apply with at least the confidence `precision`: the narrowest first, so that 'dog' is said before 'animal', and none that
 * shares a class with another. A single class that has an operating point is held to that.
 */
export function claimsOf(
  settings: ClassifierSettings,
  confidences: ArrayLike<number>,
  precision: number,
  language: Language,
): Claims {
  let list = known.get(settings);
  if (list === undefined) known.set(settings, (list = classConcepts(settings.classes)));
  const sure = list
    .map((concept) => ({ ...concept, confidence: confidenceIn(settings, confidences, concept) }))
    .filter((each) => isClaimable(settings, each) && each.words[language] !== undefined);
  const taken: (ClassConcept & { confidence: number })[] = [];
  const narrowest = sure
    .filter((each) => each.confidence >= needed(settings, each, precision))
    .sort((a, b) => a.classes.length - b.classes.length || b.confidence - a.confidence || a.breadth - b.breadth);
  for (const each of narrowest) {
    if (!taken.some(({ classes }) => each.classes.some((k) => classes.includes(k)))) taken.push(each);
  }
  if (taken.length === 0) return { claims: [], reason: reasonFor(sure, precision, language) };
  const claims = taken
    .sort((a, b) => b.confidence - a.confidence)
    .map(({ id, confidence, classes }) => ({
      concept: id,
      confidence,
      classes: classes.map((k) => settings.classes[k].name),
    }));
  return { claims };
}

/** A sum where one class of many applies; the chance that any applies where each may. */
function confidenceIn({ kind }: ClassifierSettings, confidences: ArrayLike<number>, { classes }: ClassConcept): number {
  if (kind !== 'multi-label') {
    return Math.min(
      1,
      classes.reduce((sum, k) => sum + confidences[k], 0),
    );
  }
  return 1 - classes.reduce((none, k) => none * (1 - confidences[k]), 1);
}

/** What covers all classes is always sure, whatever the picture shows; the 'no' of a yes-or-no question isn't in the picture. */
function isClaimable({ kind, classes: all }: ClassifierSettings, { classes }: ClassConcept): boolean {
  if (kind === 'binary') return classes.length === 1 && classes[0] === 1;
  return classes.length < all.length || kind === 'multi-label';
}

function needed({ operatingPoints }: ClassifierSettings, { classes }: ClassConcept, precision: number): number {
  if (operatingPoints === null || classes.length > 1) return precision;
  return thresholdsFor(operatingPoints, precision)[classes[0]] ?? Number.POSITIVE_INFINITY;
}

function reasonFor(
  concepts: readonly (ClassConcept & { confidence: number })[],
  precision: number,
  language: Language,
): string {
  const best = concepts.reduce<(typeof concepts)[number] | undefined>(
    (a, b) => (a === undefined || b.confidence > a.confidence ? b : a),
    undefined,
  );
  if (best === undefined) {
    return `no class of the classifier has words in '${language}'. Give its classes translations, or names of the table of concepts.`;
  }
  return `the surest concept, '${best.id}', has a confidence of ${best.confidence.toFixed(3)}, which is not enough for a precision of ${precision}.`;
}

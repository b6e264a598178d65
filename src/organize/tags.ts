import type { ClassInfo } from '../classifier/classInfo.js';
import type { ClassifierSettings } from '../classifier/settings.js';
import { claimsOf } from '../describe/claims.js';

/** What a photograph is filed under. */
export interface Tag {
  /** The name of a class or of a parent. */
  readonly name: string;
  /** How sure it is, 0 to 1; of a parent, the sum over its classes. */
  readonly confidence: number;
}

/**
 * The tags of a photograph that are right with the wanted precision: labels by their operating points, if the classifier has some; a parent of the
 * table of concepts, such as 'dog' or 'animal', where no label is sure enough; none where nothing is.
 */
export function tagsOf(
  settings: ClassifierSettings,
  labels: readonly string[],
  confidences: ArrayLike<number>,
  precision: number,
): Tag[] {
  const points = settings.operatingPoints;
  const at = points?.precisions.findIndex((known) => known >= precision - 1e-9) ?? -1;
  const sure = [...labels.keys()]
    .filter((k) => confidences[k] >= neededFor(at < 0 ? undefined : points?.thresholds[at], k, precision))
    .sort((a, b) => confidences[b] - confidences[a])
    .map((k) => ({ name: labels[k], confidence: confidences[k] }));
  if (sure.length > 0) return settings.kind === 'one-of-many' ? sure.slice(0, 1) : sure;
  return claimsOf(settingsFor(settings, labels), confidences, precision, 'en').claims.map(
    ({ concept, confidence }) => ({
      name: concept,
      confidence,
    }),
  );
}

function neededFor(learned: readonly (number | null)[] | undefined, k: number, precision: number): number {
  // What has no operating point, such as a new label, needs the precision itself as its confidence.
  if (learned === undefined || learned[k] === undefined) return precision;
  return learned[k] ?? Number.POSITIVE_INFINITY;
}

const extended = new WeakMap<ClassifierSettings, Map<string, ClassifierSettings>>();

/** The settings with new labels, the same object for the same labels, which `claimsOf` keeps tables for. */
function settingsFor(settings: ClassifierSettings, labels: readonly string[]): ClassifierSettings {
  const known = extended.get(settings) ?? new Map<string, ClassifierSettings>();
  extended.set(settings, known);
  const added = labels.slice(settings.classes.length);
  const found = known.get(added.join('\n')) ?? {
    ...settings,
    classes: [...settings.classes, ...added.map((name): ClassInfo => ({ name }))],
    operatingPoints: null,
  };
  known.set(added.join('\n'), found);
  return found;
}

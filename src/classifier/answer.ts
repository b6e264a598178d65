import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { classNumbers } from './classInfo.js';
import type { Hierarchy } from './hierarchy.js';
import { thresholdsFor } from './operatingPoints.js';
import type { PhotoView, ViewSet } from './photoViews.js';
import type { ClassifierSettings } from './settings.js';

/** One thing that a photograph shows. */
export interface Label {
  /** The name of the class. */
  readonly name: string;
  /** The number of the class; -1 for a group of classes. */
  readonly index: number;
  /** 0 to 1: of a calibrated classifier, how often such answers are right. */
  readonly confidence: number;
  /** The id of the class or group, where it has one. */
  readonly id?: string | undefined;
  /** The classes of a group, whose confidences were added up. */
  readonly members?: readonly string[] | undefined;
}

/** What a photograph shows. */
export interface Classification {
  /** Best first; empty when nothing is sure enough. */
  readonly labels: readonly Label[];
  /** Why there is no label, in a sentence. */
  readonly rejected?: string | undefined;
  /** The size of the photograph, upright. */
  readonly width: number;
  /** Pixels of the photograph, upright. */
  readonly height: number;
  /** Milliseconds. */
  readonly timing: {
    readonly decode: number;
    readonly prepare: number;
    readonly predict: number;
    readonly total: number;
  };
}

/** How `classify` reads a photograph and which labels it answers with. */
export interface ClassifyOptions {
  /** Labels at most. Default 5. */
  top?: number | undefined;
  /** Labels below this confidence are left out, 0 to 1. With a hierarchy, the answer is then a more general one. Default 0. */
  minimumConfidence?: number | undefined;
  /** Names only labels that are right at least this often, 0 to 1, by the operating points that were learned from held-out photographs. */
  precision?: number | undefined;
  /** Only these classes are answered: names, ids or numbers. Confidences stay as they are. Default: all. */
  allow?: readonly (string | number)[] | undefined;
  /** These classes are not answered. Default: none. */
  deny?: readonly (string | number)[] | undefined;
  /** Answers with a group of classes where no class is sure enough, if the classifier knows groups. Default true. */
  hierarchy?: boolean | undefined;
  /** Names in this language, where the classifier has them. */
  language?: string | undefined;
  /** Test-time augmentation: logits are averaged over several views of each photograph. Default 'center', one view. */
  views?: ViewSet | readonly PhotoView[] | undefined;
  /** Aborting it stops before the next photograph. */
  signal?: AbortSignal | undefined;
}

interface Classifier {
  readonly settings: ClassifierSettings;
  readonly hierarchy: Hierarchy | null;
}

interface Checked {
  readonly top: number;
  readonly minimum: number;
  readonly precision: number | undefined;
  readonly least: readonly (number | null)[] | null;
  readonly candidates: readonly number[];
  readonly groups: boolean;
  readonly language: string | undefined;
}

/** Checks the options of `classify` against what the classifier knows. */
export function checkClassifyOptions({ settings, hierarchy }: Classifier, options: ClassifyOptions): Checked {
  checkOptions('classify', options, [
    'top',
    'minimumConfidence',
    'precision',
    'allow',
    'deny',
    'hierarchy',
    'language',
    'views',
    'signal',
  ]);
  const { top = 5, minimumConfidence: minimum = 0, precision, allow, deny = [], language } = options;
  const { classes, thresholds, operatingPoints } = settings;
  checkWhole('classify', 'top', top, 1);
  if (!(minimum >= 0 && minimum <= 1)) {
    throw new ArgumentError(`classify: minimumConfidence is ${minimum}, but must lie between 0 and 1.`);
  }
  if (precision !== undefined && operatingPoints === null) {
    throw new ArgumentError(
      `classify: precision is ${precision}, but this classifier has no operating points. Learn them from held-out photographs with calibrate, or use minimumConfidence.`,
    );
  }
  const denied = classNumbers('classify', 'deny', classes, deny);
  const allowed = allow === undefined ? null : classNumbers('classify', 'allow', classes, allow);
  const candidates = [...classes.keys()].filter((k) => !denied.has(k) && allowed?.has(k) !== false);
  if (candidates.length === 0) {
    throw new ArgumentError('classify: allow and deny leave no class. Allow at least one that is not denied.');
  }
  const least =
    precision === undefined || operatingPoints === null ? thresholds : thresholdsFor(operatingPoints, precision);
  const groups = hierarchy !== null && options.hierarchy !== false && candidates.length === classes.length;
  return { top, minimum, precision, least, candidates, groups, language };
}

/** The labels for the confidences of all classes. */
export function answer(
  { settings, hierarchy }: Classifier,
  confidences: Float64Array,
  options: Checked,
): Pick<Classification, 'labels' | 'rejected'> {
  const { top, minimum, candidates, groups } = options;
  const { kind, classes } = settings;
  let ranked = [...candidates].sort((a, b) => confidences[b] - confidences[a] || a - b);
  // A yes-or-no question has one answer, which its threshold decides.
  if (kind === 'binary' && options.precision === undefined) {
    const isYes = confidences[1] >= (settings.thresholds as readonly number[])[1];
    ranked = ranked.filter((k) => k === Number(isYes));
  }
  const needed = (k: number): number => {
    const least =
      kind === 'binary' && options.precision === undefined ? 0 : (options.least?.[k] ?? leastWithout(options));
    return Math.max(least, minimum);
  };
  const called = ranked.filter((k) => confidences[k] >= needed(k)).slice(0, top);
  if (called.length > 0) return { labels: called.map((k) => labelOf(settings, k, confidences[k], options.language)) };
  const group = groups && minimum > 0 ? hierarchy?.answer(confidences, minimum) : undefined;
  if (group !== undefined) {
    const { name, id, confidence } = group;
    const members = group.members.map((k) => classes[k].name);
    return { labels: [{ name, index: -1, confidence, id, members }] };
  }
  return { labels: [], rejected: reasonFor(settings, ranked, confidences, needed, options) };
}

/** Where operating points were asked for and a class has none, nothing is sure enough. */
function leastWithout({ least }: Checked): number {
  return least === null ? 0 : Number.POSITIVE_INFINITY;
}

function labelOf({ classes }: ClassifierSettings, k: number, confidence: number, language: string | undefined): Label {
  const { name, id, translations } = classes[k];
  const translated = language === undefined ? undefined : translations?.[language];
  return { name: translated ?? name, index: k, confidence, ...(id !== undefined && { id }) };
}

function reasonFor(
  { classes }: ClassifierSettings,
  ranked: readonly number[],
  confidences: Float64Array,
  needed: (k: number) => number,
  { precision }: Checked,
): string {
  const [best] = ranked;
  if (best === undefined) return 'the answer is a class that allow and deny leave out.';
  const found = `the likeliest class, '${classes[best].name}', has a confidence of ${confidences[best].toFixed(3)}`;
  const least = needed(best);
  if (least === Number.POSITIVE_INFINITY) {
    return `${found}, but held-out photographs showed no confidence at which it is right ${precision} of the time.`;
  }
  const target = precision === undefined ? '' : ` for a precision of ${precision}`;
  return `${found}, but needs ${least.toFixed(3)}${target}.`;
}

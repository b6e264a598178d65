import { ArgumentError } from '../base/errors.js';
import { nearestNames } from '../base/nearestNames.js';

/** What it costs to be wrong about one label. All costs are in one unit, such as euros or minutes. */
export interface LabelPolicy {
  /** Cost of allowing a photograph that shows it. */
  readonly miss: number;
  /** Cost of blocking a photograph that doesn't. */
  readonly falseAlarm: number;
  /** The classes of the classifier that make up the label; their confidences are added. Default: the class of the same name. */
  readonly classes?: readonly string[] | undefined;
  /** The share of photographs that show it where the policy will be used, if labeled photographs have another one. */
  readonly prevalence?: number | undefined;
}

/** What a moderation should achieve: costs, what reviewers can do, and how sure it has to be. */
export interface Policy {
  /** Tells policies apart in records. */
  readonly name: string;
  /** Tells versions apart in records. */
  readonly version: string;
  /** What must not be shown, by name. */
  readonly labels: Readonly<Record<string, LabelPolicy>>;
  /** Reviewers: the cost of one review, and the share of all photographs that they can look at, 0 to 1. */
  readonly review: { readonly cost: number; readonly capacity: number };
  /** The share of allowed photographs that are reviewed all the same, to find out what is missed. Default 0. */
  readonly audit?: number | undefined;
  /** Asks for thresholds at which at most this share of bad photographs is allowed, as far as labeled photographs can show. */
  readonly missRate?: { readonly atMost: number } | undefined;
  /** Of the bounds that are stated, the share that have to hold. Default 0.99. */
  readonly confidence?: number | undefined;
}

const FIELDS = ['name', 'version', 'labels', 'review', 'audit', 'missRate', 'confidence'];
const LABEL_FIELDS = ['miss', 'falseAlarm', 'classes', 'prevalence'];

/** Checks what a policy file holds. Throws `ArgumentError` in a sentence for what is missing, misspelled or out of range. */
export function checkPolicy(value: unknown, who = 'policy'): Policy {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ArgumentError(`${who}: it must be an object with ${FIELDS.join(', ')}.`);
  }
  known(who, value, FIELDS);
  const { name, version, labels, review, audit = 0, missRate, confidence = 0.99 } = value as Partial<Policy>;
  for (const [field, text] of Object.entries({ name, version })) {
    if (typeof text !== 'string' || text === '') {
      throw new ArgumentError(`${who}: ${field} is ${JSON.stringify(text)}, but must be a text, for the records.`);
    }
  }
  if (typeof labels !== 'object' || labels === null || Object.keys(labels).length === 0) {
    throw new ArgumentError(
      `${who}: labels must name what is moderated, such as { "weapon": { "miss": 50, "falseAlarm": 2 } }.`,
    );
  }
  for (const [label, each] of Object.entries(labels)) checkLabel(`${who}: labels.${label}`, each);
  if (typeof review !== 'object' || review === null) {
    throw new ArgumentError(`${who}: review must be { "cost": ..., "capacity": ... }.`);
  }
  known(`${who}: review`, review, ['cost', 'capacity']);
  atLeast0(`${who}: review.cost`, review.cost);
  share(`${who}: review.capacity`, review.capacity);
  share(`${who}: audit`, audit);
  if (missRate !== undefined) share(`${who}: missRate.atMost`, missRate?.atMost);
  if (!(confidence >= 0.5 && confidence < 1)) {
    throw new ArgumentError(`${who}: confidence is ${confidence}, but must be from 0.5 to below 1.`);
  }
  return value as Policy;
}

function checkLabel(where: string, label: LabelPolicy): void {
  if (typeof label !== 'object' || label === null) {
    throw new ArgumentError(`${where} must be { "miss": ..., "falseAlarm": ... }.`);
  }
  known(where, label, LABEL_FIELDS);
  atLeast0(`${where}.miss`, label.miss);
  atLeast0(`${where}.falseAlarm`, label.falseAlarm);
  if (label.prevalence !== undefined) share(`${where}.prevalence`, label.prevalence);
  if (label.classes !== undefined && !(Array.isArray(label.classes) && label.classes.length > 0)) {
    throw new ArgumentError(`${where}.classes must be a list of class names.`);
  }
}

function known(where: string, value: object, fields: readonly string[]): void {
  const wrong = Object.keys(value).find((key) => !fields.includes(key));
  if (wrong === undefined) return;
  const near = nearestNames(wrong, fields)[0];
  throw new ArgumentError(
    `${where}: there is no field '${wrong}'. ${near === undefined ? `The fields are ${fields.join(', ')}.` : `Did you mean '${near}'?`}`,
  );
}

function atLeast0(where: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return;
  throw new ArgumentError(`${where} is ${JSON.stringify(value)}, but must be a number from 0.`);
}

function share(where: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0 && value <= 1) return;
  throw new ArgumentError(`${where} is ${JSON.stringify(value)}, but must be a share from 0 to 1.`);
}

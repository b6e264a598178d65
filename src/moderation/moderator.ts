import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import type { ImageClassifier } from '../classifier/imageClassifier.js';
import { readPhoto } from '../classifier/photo.js';
import type { Picture } from '../classifier/picture.js';
import { type Action, decide, type Scores } from './decide.js';
import type { HashList } from './hashList.js';
import type { LearnedPolicy } from './learnPolicy.js';
import { modelDigest } from './modelDigest.js';
import type { Policy } from './policy.js';
import { canonicalJson, sha256 } from './records.js';
import type { DecisionRecord } from './store/reviewStore.js';

/** Options of `Moderator`. */
export interface ModeratorOptions {
  /** Pictures that are known, and decided without the classifier. Default: none. */
  hashes?: HashList | undefined;
}

/** Why a photograph was decided as it was. */
export type Reason = 'thresholds' | 'hash list' | 'audit' | 'unreadable';

/** A decision with everything that it came from. */
export interface Decision extends DecisionRecord {
  /** What the photograph is called. */
  readonly item: string;
  /** What was decided. */
  readonly action: Action;
  /** Why. */
  readonly reason: Reason;
  /** The label that decided, where one did. */
  readonly label?: string | undefined;
  /** Scores by label; empty where the classifier was not asked. */
  readonly scores: Scores;
  /** SHA-256 of the file. */
  readonly photo: string;
  /** SHA-256 of the classifier: see `modelDigest`. */
  readonly model: string;
  /** How the photograph was prepared. */
  readonly preprocessing: object;
  /** Name, version and SHA-256 of the policy with its thresholds. */
  readonly policy: { readonly name: string; readonly version: string; readonly sha256: string };
  /** When, ISO 8601. */
  readonly at: string;
}

/**
 * Decides about photographs by a learned policy: the hash list first, then the thresholds. What can't be read goes to reviewers, and so does a
 * sample of what is allowed, if the policy asks for audits.
 *
 * Throws `ArgumentError` for a policy whose labels the classifier doesn't know.
 *
 * @example
 * const moderator = new Moderator(classifier, learned);
 * const { action } = await moderator.decide('upload 17', bytes); // 'allow', 'review' or 'block'
 */
export class Moderator {
  /** What scores the photographs. */
  readonly classifier: ImageClassifier;
  /** The policy with its thresholds. */
  readonly learned: LearnedPolicy;
  readonly #hashes: HashList | undefined;
  readonly #members: readonly (readonly [label: string, classes: readonly number[]])[];
  readonly #origin: Pick<Decision, 'model' | 'preprocessing' | 'policy'>;

  constructor(classifier: ImageClassifier, learned: LearnedPolicy, options: ModeratorOptions = {}) {
    checkOptions('Moderator', options, ['hashes']);
    this.classifier = classifier;
    this.learned = learned;
    this.#hashes = options.hashes;
    const { policy, thresholds } = learned;
    this.#members = labelMembers(policy, classifier);
    this.#origin = {
      model: modelDigest(classifier),
      preprocessing: classifier.settings.preprocessing,
      policy: {
        name: policy.name,
        version: policy.version,
        sha256: sha256(canonicalJson({ policy, thresholds })),
      },
    };
  }

  /** The scores of a picture by label. */
  async scores(picture: Picture): Promise<Scores> {
    const [confidences] = await this.classifier.confidences([picture]);
    return Object.fromEntries(this.#members.map(([label, classes]) => [label, scoreOf(confidences, classes)]));
  }

  /** Decides about the bytes of one file. A file that can't be read goes to reviewers. */
  async decide(item: string, photo: Uint8Array): Promise<Decision> {
    const origin = { item, photo: sha256(photo), ...this.#origin, at: new Date().toISOString() };
    let picture: Picture;
    try {
      picture = await readPhoto(photo);
    } catch {
      return { ...origin, action: 'review', reason: 'unreadable', scores: {} };
    }
    const known = await this.#hashes?.match(picture);
    if (known !== undefined) {
      return { ...origin, action: known.action, reason: 'hash list', line: known.line, scores: {} };
    }
    const scores = await this.scores(picture);
    const decided = decide(this.learned.thresholds, scores);
    const isAudited = decided.action === 'allow' && isSampled(item, this.learned.policy);
    return { ...origin, ...decided, reason: isAudited ? 'audit' : 'thresholds', scores };
  }
}

/** Whether reviewers have to see it. */
export function needsReview({ action, reason }: DecisionRecord): boolean {
  return action === 'review' || reason === 'audit';
}

/** The classes of each label. Throws `ArgumentError` for one that the classifier doesn't have. */
export function labelMembers(
  { labels }: Policy,
  { classes }: Pick<ImageClassifier, 'classes'>,
): [label: string, classes: number[]][] {
  return Object.entries(labels).map(([label, { classes: names = [label] }]) => [
    label,
    names.map((name) => {
      const at = classes.indexOf(name);
      if (at >= 0) return at;
      const some = classes.slice(0, 8).join(', ');
      throw new ArgumentError(
        `policy: the label '${label}' needs the class '${name}', but the classifier has ${some}${classes.length > 8 ? ' and more' : ''}. Name its classes: { "classes": ["${classes[0]}"] }.`,
      );
    }),
  ]);
}

/** The score of a label: its classes exclude each other, so their confidences add up. */
export function scoreOf(confidences: ArrayLike<number>, classes: readonly number[]): number {
  return Math.min(
    1,
    classes.reduce((sum, k) => sum + confidences[k], 0),
  );
}

/** A share of all items, by a hash of their names: the same in every run, and not to be guessed from the picture. */
function isSampled(item: string, { name, version, audit = 0 }: Policy): boolean {
  return Number.parseInt(sha256(`${name}\n${version}\n${item}`).slice(0, 8), 16) / 2 ** 32 < audit;
}

import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError, DataError } from '../base/errors.js';
import { RandomStream } from '../base/random.js';
import { upperBound } from './binomialBound.js';
import { decide, type Scores } from './decide.js';
import { likelihoodOf } from './likelihood.js';
import { checkPolicy, type LabelPolicy, type Policy } from './policy.js';
import { type Costs, cheapestThresholds, type ScoredItem, type Thresholds } from './thresholds.js';

/** A photograph with its scores and what it really shows. */
export interface LabeledScores {
  /** By the labels of the policy, 0 to 1. */
  readonly scores: Scores;
  /** The labels that it really shows. */
  readonly shows: readonly string[];
}

/** What is known about misses of a label, from photographs that the thresholds were not learned from. */
export interface MissRate {
  /** Bad photographs that were allowed. */
  readonly missed: number;
  /** All bad photographs. */
  readonly bad: number;
  /** The upper bound of the rate, with the confidence of the policy. */
  readonly bound: number;
}

/** A policy with its thresholds, and what is expected of them. */
export interface LearnedPolicy {
  /** What was asked for. */
  readonly policy: Policy;
  /** By label. */
  readonly thresholds: Readonly<Record<string, Thresholds>>;
  /** On photographs that the thresholds were not learned from. */
  readonly expected: {
    /** Per photograph, in the policy's unit. */
    readonly cost: number;
    readonly allow: number;
    readonly review: number;
    readonly block: number;
  };
  /** By label. */
  readonly missRates: Readonly<Record<string, MissRate>>;
  /** How many photographs were learned from and measured on. */
  readonly photographs: number;
}

/** Options of `learnPolicy`. */
export interface LearnPolicyOptions {
  /** Decides which photographs thresholds are learned from, and which they are measured on. Default 0. */
  seed?: number | undefined;
}

/**
 * Learns the thresholds of a policy from labeled photographs: those with the least expected cost within the capacity of reviewers. One half of the
 * photographs decides; the other half tells what to expect, and the bounds of the miss rates.
 *
 * A target for the miss rate makes thresholds stricter, one step after the other from the strictest on, for as long as the bound
 * keeps to the target; so the bound still holds for the thresholds that are chosen.
 *
 * Throws `ArgumentError` for a policy that makes no sense, `DataError` where there are too few photographs to learn from.
 *
 * Source: the fixed sequence of tests in Angelopoulos et al. 2021, "Learn then Test" (arXiv:2110.01052), section 3.
 */
export function learnPolicy(
  policy: Policy,
  photographs: readonly LabeledScores[],
  options: LearnPolicyOptions = {},
): LearnedPolicy {
  checkOptions('learnPolicy', options, ['seed']);
  checkPolicy(policy, 'learnPolicy');
  const { seed = 0 } = options;
  expectEnough(policy, photographs);
  const { learn, hold } = halves(policy, photographs, seed);
  const thresholds: Record<string, Thresholds> = {};
  // What makes reviews dearer until reviewers can do them; found by halving.
  let [low, high] = [0, Math.max(...Object.values(policy.labels).map(({ miss, falseAlarm }) => miss + falseAlarm), 1)];
  const at = (penalty: number): Record<string, Thresholds> =>
    Object.fromEntries(
      Object.entries(policy.labels).map(([label, costs]) => [
        label,
        learned(itemsOf(label, costs, learn), { ...costs, review: policy.review.cost + penalty }),
      ]),
    );
  Object.assign(thresholds, at(0));
  if (reviewShare(policy, thresholds, learn) > policy.review.capacity) {
    for (let i = 0; i < 20; i++) {
      const middle = (low + high) / 2;
      if (reviewShare(policy, at(middle), learn) > policy.review.capacity) low = middle;
      else high = middle;
    }
    Object.assign(thresholds, at(high));
  }
  for (const label of Object.keys(policy.labels)) {
    thresholds[label] = withTarget(policy, label, thresholds[label], hold);
  }
  return {
    policy,
    thresholds,
    expected: expectedOf(policy, thresholds, hold),
    missRates: Object.fromEntries(
      Object.keys(policy.labels).map((label) => [label, missRateOf(policy, thresholds, label, hold)]),
    ),
    photographs: photographs.length,
  };
}

/** The cheapest thresholds for photographs that are as likely bad as their scores say: the very best thresholds of one sample fit its chances too. */
function learned(items: readonly ScoredItem[], costs: Costs): Thresholds {
  const likelihood = likelihoodOf(items);
  const likely = items.map((item) => ({ ...item, bad: likelihood(item.score) }));
  return cheapestThresholds(
    likely.sort((a, b) => a.score - b.score),
    costs,
  );
}

/** Photographs by the score of one label, weighted so that bad ones have the share that they will have. */
function itemsOf(label: string, { prevalence }: LabelPolicy, photographs: readonly LabeledScores[]): ScoredItem[] {
  const bad = photographs.filter(({ shows }) => shows.includes(label)).length / photographs.length;
  const share = prevalence ?? bad;
  return photographs.map(({ scores, shows }) => {
    const isBad = shows.includes(label);
    return { score: scores[label], bad: Number(isBad), weight: isBad ? share / bad : (1 - share) / (1 - bad) };
  });
}

function withTarget(policy: Policy, label: string, chosen: Thresholds, hold: readonly LabeledScores[]): Thresholds {
  if (policy.missRate === undefined) return chosen;
  const { confidence = 0.99 } = policy;
  const scores = hold
    .filter(({ shows }) => shows.includes(label))
    .map((each) => each.scores[label])
    .sort((a, b) => a - b);
  let review = 0;
  for (const [missed, score] of scores.entries()) {
    if (score > chosen.review || upperBound(missed, scores.length, confidence) > policy.missRate.atMost) break;
    review = score;
  }
  // All bad photographs below the chosen threshold are few enough.
  const all = scores.filter((score) => score < chosen.review).length;
  if (upperBound(all, scores.length, confidence) <= policy.missRate.atMost) ({ review } = chosen);
  return { review: Math.min(review, chosen.review), block: Math.max(Math.min(review, chosen.review), chosen.block) };
}

function missRateOf(
  { confidence = 0.99, missRate }: Policy,
  thresholds: Readonly<Record<string, Thresholds>>,
  label: string,
  hold: readonly LabeledScores[],
): MissRate {
  const bad = hold.filter(({ shows }) => shows.includes(label));
  const missed = bad.filter(({ scores }) => decide(thresholds, scores).action === 'allow').length;
  // Where everything is reviewed, nothing can be missed, however few photographs there are.
  const measured = thresholds[label].review <= 0 ? 0 : upperBound(missed, bad.length, confidence);
  // These photographs also chose the thresholds where a target is given: only the target itself holds with the stated confidence.
  return { missed, bad: bad.length, bound: measured > 0 ? Math.max(measured, missRate?.atMost ?? 0) : 0 };
}

function reviewShare(
  policy: Policy,
  thresholds: Readonly<Record<string, Thresholds>>,
  items: readonly LabeledScores[],
) {
  return expectedOf(policy, thresholds, items).review;
}

/** What decisions cost and how many there are of each kind, with photographs weighted by the first label's prevalence. */
function expectedOf(
  policy: Policy,
  thresholds: Readonly<Record<string, Thresholds>>,
  photographs: readonly LabeledScores[],
): LearnedPolicy['expected'] {
  const [first, { prevalence }] = Object.entries(policy.labels)[0];
  const weights = itemsOf(first, { miss: 0, falseAlarm: 0, prevalence }, photographs).map(({ weight }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sums = { cost: 0, allow: 0, review: 0, block: 0 };
  for (const [n, { scores, shows }] of photographs.entries()) {
    const { action, label } = decide(thresholds, scores);
    sums[action] += weights[n] / total;
    sums.cost += (weights[n] / total) * costOf(policy, action, label, shows);
  }
  return sums;
}

/** What one decision costs. */
export function costOf(
  { labels, review }: Policy,
  action: 'allow' | 'review' | 'block',
  label: string | undefined,
  shows: readonly string[],
): number {
  const bad = shows.filter((each) => labels[each] !== undefined);
  if (action === 'review') return review.cost;
  if (action === 'allow') return bad.reduce((sum, each) => sum + labels[each].miss, 0);
  return bad.length > 0 || label === undefined ? 0 : labels[label].falseAlarm;
}

/** Each label's photographs, and those without any, are dealt out in turn. */
function halves(policy: Policy, photographs: readonly LabeledScores[], seed: number) {
  const order = new RandomStream(`${seed}/halves`).shuffle(Int32Array.from(photographs.keys()));
  const kindOf = (n: number): string =>
    Object.keys(policy.labels)
      .filter((l) => photographs[n].shows.includes(l))
      .join();
  const sorted = [...order].sort((a, b) => (kindOf(a) < kindOf(b) ? -1 : kindOf(a) > kindOf(b) ? 1 : 0));
  return {
    learn: sorted.filter((_, i) => i % 2 === 0).map((n) => photographs[n]),
    hold: sorted.filter((_, i) => i % 2 === 1).map((n) => photographs[n]),
  };
}

/** Fewer bad photographs than this tell nothing about misses. */
const LEAST = 10;

function expectEnough({ labels }: Policy, photographs: readonly LabeledScores[]): void {
  for (const label of Object.keys(labels)) {
    const count = photographs.filter(({ shows }) => shows.includes(label)).length;
    const others = photographs.length - count;
    if (Math.min(count, others) < LEAST) {
      throw new DataError(
        `learnPolicy: of ${photographs.length} photographs, ${count} show '${label}' and ${others} don't, but at least ${LEAST} of each are needed. Label more photographs.`,
      );
    }
    const wrong = photographs.find(({ scores }) => !(scores[label] >= 0 && scores[label] <= 1));
    if (wrong === undefined) continue;
    throw new ArgumentError(
      `learnPolicy: a photograph has the score ${wrong.scores[label]} for '${label}', but scores must lie between 0 and 1.`,
    );
  }
}

import type { Thresholds } from './thresholds.js';

/** What becomes of a photograph. */
export type Action = 'allow' | 'review' | 'block';

/** Scores by label, 0 to 1. */
export type Scores = Readonly<Record<string, number>>;

/** A decision, and the label that made it. */
export interface Decided {
  /** What to do. */
  readonly action: Action;
  /** The label that asked for it; undefined for what is allowed. */
  readonly label?: string | undefined;
}

const STRICTNESS: readonly Action[] = ['allow', 'review', 'block'];

/** The strictest action that any label asks for; of labels that ask for the same, the one with the highest score. */
export function decide(thresholds: Readonly<Record<string, Thresholds>>, scores: Scores): Decided {
  let found: Decided = { action: 'allow' };
  for (const [label, { review, block }] of Object.entries(thresholds)) {
    const score = scores[label];
    const action = score >= block ? 'block' : score >= review ? 'review' : 'allow';
    if (action === 'allow') continue;
    const stricter = STRICTNESS.indexOf(action) - STRICTNESS.indexOf(found.action);
    const before = found.label === undefined ? Number.NEGATIVE_INFINITY : scores[found.label];
    if (stricter > 0 || (stricter === 0 && score > before)) found = { action, label };
  }
  return found;
}

import type { ReviewStore, Verdict } from './store/reviewStore.js';

/** How far reviewers agree. */
export interface Agreement {
  /** Pairs of verdicts about the same photograph. */
  readonly pairs: number;
  /** The share of pairs that agree; NaN without pairs. */
  readonly agreed: number;
  /** Cohen's kappa: agreement beyond what chance gives, 1 at most; NaN where chance alone explains everything. */
  readonly kappa: number;
}

/**
 * The agreement of first and second verdicts.
 *
 * Source: Cohen 1960, "A coefficient of agreement for nominal scales".
 */
export function agreement(pairs: readonly (readonly [Verdict, Verdict])[]): Agreement {
  const n = pairs.length;
  const agreed = pairs.filter(([a, b]) => a === b).length / n;
  const share = (at: 0 | 1, verdict: Verdict): number => pairs.filter((pair) => pair[at] === verdict).length / n;
  const byChance = (['allow', 'block'] as const).reduce((sum, v) => sum + share(0, v) * share(1, v), 0);
  return { pairs: n, agreed, kappa: (agreed - byChance) / (1 - byChance) };
}

/** The agreement of the reviewers of a store. */
export function agreementOf(store: ReviewStore): Agreement {
  const byItem = new Map<string, Verdict[]>();
  for (const { json } of store.records('review')) {
    const { item, verdict } = (JSON.parse(json) as { content: { item: string; verdict: Verdict } }).content;
    byItem.set(item, [...(byItem.get(item) ?? []), verdict]);
  }
  const pairs = [...byItem.values()].filter((v) => v.length >= 2).map(([a, b]) => [a, b] as const);
  return agreement(pairs);
}

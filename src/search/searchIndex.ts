import { checkWhole } from '../base/check.js';
import { checkOptions } from '../base/checkOptions.js';
import { ArgumentError } from '../base/errors.js';
import { filterOf } from './filter.js';
import { type Fingerprint, writeFingerprint } from './hash/fingerprint.js';
import { type Match, SEARCH_OPTIONS, type SearchOptions, type SearchResult } from './indexOptions.js';
import type { LoadedIndex } from './loadIndex.js';
import { Best } from './vectors/best.js';

type Searched = Omit<LoadedIndex, 'note'>;

interface Checked {
  readonly top: number;
  readonly minimum: number;
  readonly effort: number;
  readonly allows: (number: number) => boolean;
}

/** The three tiers of a search. */
export function searchTiers(
  index: Searched,
  print: Fingerprint,
  vector: Float32Array | null,
  options: SearchOptions,
): SearchResult {
  const checked = check('search', index, options);
  const { entries, near, rows } = index;
  const { nearDuplicates: limits = {} } = options;
  checkOptions('search: nearDuplicates', limits, ['pdq', 'phash']);
  if (vector !== null) rows?.setQuery(vector);
  const found = new Set<number>();
  const match = (number: number): Match => {
    found.add(number);
    const base = { id: entries.ids[number], metadata: entries.metadata[number] };
    if (vector === null || rows === null) return base;
    return { ...base, similarity: cosine(rows.compareSome(-1, Int32Array.of(number), 1)[0]) };
  };
  const identical = entries.withPixels(writeFingerprint(print)).filter(checked.allows).map(match);
  const nearDuplicates = near
    .find(print, limits, (number) => !found.has(number) && checked.allows(number))
    .map(({ number, distance, turn }) => ({ ...match(number), distance, turn }));
  const others = { ...checked, allows: (number: number) => !found.has(number) && checked.allows(number) };
  const similar = vector === null ? [] : similarOf(index, vector, others, options.exact ?? false);
  return { identical, nearDuplicates, similar };
}

/** The photographs whose vectors are nearest to one. */
export function searchVectors(index: Searched, vector: Float32Array, options: SearchOptions): Match[] {
  return similarOf(index, vector, check('searchVector', index, options), options.exact ?? false);
}

function check(who: string, { entries }: Searched, options: SearchOptions): Checked {
  checkOptions(who, options, SEARCH_OPTIONS);
  const { top = 10, minimumSimilarity: minimum = -1, effort = 200 } = options;
  checkWhole(who, 'top', top, 0);
  checkWhole(who, 'effort', effort, 1);
  if (!(minimum >= -1 && minimum <= 1)) {
    throw new ArgumentError(`${who}: minimumSimilarity is ${minimum}, but must lie between -1 and 1.`);
  }
  const meets = filterOf(who, options.filter);
  const allows = (number: number): boolean =>
    entries.isAlive(number) && meets(entries.metadata[number], entries.ids[number]);
  return { top, minimum, effort, allows };
}

function similarOf(
  { entries, rows, graph }: Searched,
  vector: Float32Array,
  checked: Checked,
  isExact: boolean,
): Match[] {
  const { top, minimum, effort, allows } = checked;
  if (rows === null || top === 0) return [];
  rows.setQuery(vector);
  let found: { id: number; score: number }[];
  if (graph !== null && !isExact) found = graph.search(top, effort, allows);
  else {
    const best = new Best(Math.min(top, rows.length));
    rows.compareAll((first, scores) => {
      for (let i = 0; i < scores.length; i++) {
        if (scores[i] > best.least && allows(first + i)) best.add(first + i, scores[i]);
      }
    });
    found = best.take();
  }
  return found
    .filter(({ score }) => score >= minimum)
    .map(({ id, score }) => ({ id: entries.ids[id], metadata: entries.metadata[id], similarity: cosine(score) }));
}

/** Rounded vectors have no length of exactly 1. */
function cosine(product: number): number {
  return Math.max(-1, Math.min(1, product));
}

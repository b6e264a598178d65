import type { ChannelGroup, ChannelSet, Channels } from './channelGroups.js';
import type { Cost } from './cost.js';
import type { Scores } from './criterion.js';
import { KeptAxes } from './keptAxes.js';

/** Channels of one set that are removed together, and what they matter. */
interface Unit {
  readonly set: number;
  readonly groups: readonly ChannelGroup[];
  readonly score: number;
}

/** What may be removed, and in which order. */
export interface Candidates {
  readonly channels: Channels;
  readonly cost: Cost;
  /** For each set, its least important channels first. */
  readonly units: readonly (readonly Unit[])[];
}

/** How far a set may shrink. */
export interface Limits {
  /** Channels that a layer keeps are a multiple of this, where it had one before. */
  readonly multiple: number;
  /** The share of channels that a layer keeps at least. */
  readonly minKept: number;
  isSkipped(set: ChannelSet): boolean;
}

export function candidatesOf(channels: Channels, cost: Cost, scores: Scores, limits: Limits): Candidates {
  const { multiple, minKept } = limits;
  const units = channels.sets.map((set, at) => {
    if (limits.isSkipped(set)) return [];
    const scoreOf = (group: ChannelGroup): number => scores.get(group) ?? Number.POSITIVE_INFINITY;
    const sorted = set.groups
      .filter((group) => Number.isFinite(scoreOf(group)))
      .sort((a, b) => scoreOf(a) - scoreOf(b));
    const most = Math.min(sorted.length, set.groups.length - Math.ceil(minKept * set.groups.length));
    const list: Unit[] = [];
    let first = 0;
    // What is left after each step is a multiple, also where the set itself is none.
    for (let size = set.groups.length % multiple || multiple; first + size <= most; size = multiple) {
      const groups = sorted.slice(first, first + size);
      list.push({ set: at, groups, score: groups.reduce((sum, g) => sum + scoreOf(g), 0) / size });
      first += size;
    }
    return list;
  });
  return { channels, cost, units };
}

/** Removes the least important channels of all layers until `isEnough`. */
export function removeGlobally(candidates: Candidates, isEnough: (left: KeptAxes) => boolean): KeptAxes {
  const left = new KeptAxes(candidates.channels);
  // Units of one set come in its order, since their scores rise and sorting is stable.
  for (const { groups } of candidates.units.flat().sort((a, b) => a.score - b.score)) {
    if (isEnough(left)) break;
    if (left.canRemove(groups)) left.remove(groups);
  }
  return left;
}

/** Removes the given share of the channels of each set. */
export function removeShares(candidates: Candidates, shareOf: (set: number) => number): KeptAxes {
  const left = new KeptAxes(candidates.channels);
  for (const [at, units] of candidates.units.entries()) {
    let open = shareOf(at) * (candidates.channels.sets[at].groups.length + 1e-9);
    for (const { groups } of units) {
      open -= groups.length;
      if (open < -1e-6) break;
      if (left.canRemove(groups)) left.remove(groups);
    }
  }
  return left;
}

/** As many channels as bring the cost to at most `target`: globally, or the same share of each set. */
export function removeToCost(candidates: Candidates, target: number, scope: 'global' | 'layer'): KeptAxes {
  const { cost } = candidates;
  const isEnough = (left: KeptAxes): boolean => cost.macs(left) <= target;
  const left = scope === 'global' ? removeGlobally(candidates, isEnough) : smallestShare(candidates, isEnough);
  if (isEnough(left)) putBackSpare(candidates, left, isEnough);
  return left;
}

function smallestShare(candidates: Candidates, isEnough: (left: KeptAxes) => boolean): KeptAxes {
  let [low, high] = [0, 1];
  let best = removeShares(candidates, () => 1);
  for (let step = 0; step < 20; step++) {
    const share = (low + high) / 2;
    const left = removeShares(candidates, () => share);
    if (isEnough(left)) [high, best] = [share, left];
    else low = share;
  }
  return best;
}

/** Puts back the most important of what was removed while the cost allows it, so that the target is met closely. */
function putBackSpare({ units }: Candidates, left: KeptAxes, isEnough: (left: KeptAxes) => boolean): void {
  const closed = new Set<number>();
  for (const { set, groups } of units.flat().sort((a, b) => b.score - a.score)) {
    if (closed.has(set) || !left.removed.has(groups[0])) continue;
    left.putBack(groups);
    if (isEnough(left)) continue;
    left.remove(groups);
    // A less important channel of the same set costs as much.
    closed.add(set);
  }
}

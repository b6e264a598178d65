import type { ChannelGroup, Channels } from './channelGroups.js';
import { FIXED } from './labels.js';

/** How many indices are left along each axis of each parameter and buffer, as groups are taken out and put back. */
export class KeptAxes {
  readonly #left = new Map<string, number>();
  readonly removed = new Set<ChannelGroup>();

  constructor({ sets, graph }: Channels) {
    for (const { groups } of sets) {
      for (const { places } of groups) {
        for (const { value, axis } of places) this.#left.set(`${value}:${axis}`, graph.shapeOf(value)[axis]);
      }
    }
  }

  /** What is left of an axis of so many. */
  of(value: number, axis: number, length: number): number {
    return this.#left.get(`${value}:${axis}`) ?? length;
  }

  /** Whether each axis keeps something without these groups. */
  canRemove(groups: readonly ChannelGroup[]): boolean {
    const less = new Map<string, number>();
    for (const { places } of groups) {
      for (const { value, axis, indices } of places) {
        const key = `${value}:${axis}`;
        less.set(key, (less.get(key) ?? 0) + indices.length);
      }
    }
    return [...less].every(([key, count]) => (this.#left.get(key) as number) > count);
  }

  remove(groups: readonly ChannelGroup[]): void {
    for (const group of groups) {
      this.removed.add(group);
      this.#count(group, -1);
    }
  }

  putBack(groups: readonly ChannelGroup[]): void {
    for (const group of groups) {
      this.removed.delete(group);
      this.#count(group, 1);
    }
  }

  #count({ places }: ChannelGroup, sign: 1 | -1): void {
    for (const { value, axis, indices } of places) {
      const key = `${value}:${axis}`;
      this.#left.set(key, (this.#left.get(key) as number) + sign * indices.length);
    }
  }
}

/** For each value of the graph, the indices that are left along each axis; null where all are. */
export function keptIndices(channels: Channels, removed: ReadonlySet<ChannelGroup>): (readonly (number[] | null)[])[] {
  const { axes, labels } = channels;
  const gone = new Set<number>();
  for (const { filters } of removed) {
    const [{ value, axis, indices }] = filters;
    gone.add(labels.find(axes[value][axis]?.[indices[0]] ?? FIXED));
  }
  return axes.map((own) =>
    own.map((axis) => {
      if (axis === null) return null;
      const kept: number[] = [];
      for (let i = 0; i < axis.length; i++) if (!gone.has(labels.find(axis[i]))) kept.push(i);
      return kept.length === axis.length ? null : kept;
    }),
  );
}

import { ArgumentError } from '../base/errors.js';
import type { Organized } from './organize.js';

/** What albums are made of. */
export const ALBUM_KINDS = ['tags', 'events', 'clusters', 'duplicates'] as const;

/** A kind of album. */
export type AlbumKind = (typeof ALBUM_KINDS)[number];

/** Photographs under a name. */
export interface Album {
  /** What its photographs have in common. */
  readonly kind: AlbumKind;
  /** The name of its folder. */
  readonly name: string;
  /** Paths. Of duplicates, the one to keep isn't among them. */
  readonly photos: readonly string[];
  /** Of duplicates, the one to keep. */
  readonly keeper?: string | undefined;
}

/** The albums of one kind. Throws `ArgumentError` for an unknown kind. */
export function albumsOf(organized: Organized, kind: AlbumKind): Album[] {
  const { photos, events, clusters, duplicates } = organized;
  const paths = (numbers: readonly number[]): string[] => numbers.map((n) => photos[n].path);
  if (kind === 'events') return events.map((event) => ({ kind, name: event.name, photos: paths(event.photos) }));
  if (kind === 'clusters') {
    return clusters.map((cluster, i) => ({
      kind,
      name: `cluster ${i + 1}${commonTag(organized, cluster)}`,
      photos: paths(cluster),
    }));
  }
  if (kind === 'duplicates') {
    return duplicates.map(({ keeper, others }, i) => ({
      kind,
      name: `duplicates ${i + 1}`,
      photos: paths(others),
      keeper: photos[keeper].path,
    }));
  }
  if (kind !== 'tags') {
    throw new ArgumentError(`albumsOf: kind is '${String(kind)}', but must be one of ${ALBUM_KINDS.join(', ')}.`);
  }
  const byTag = new Map<string, string[]>();
  for (const { path, tags } of photos) {
    for (const { name } of tags) byTag.set(name, [...(byTag.get(name) ?? []), path]);
  }
  return [...byTag]
    .map(([name, tagged]) => ({ kind, name, photos: tagged }))
    .sort((a, b) => b.photos.length - a.photos.length);
}

/** ' (dog)' for a cluster most of whose photographs have this tag. */
function commonTag({ photos }: Organized, cluster: readonly number[]): string {
  const counts = new Map<string, number>();
  for (const n of cluster) for (const { name } of photos[n].tags) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  return best !== undefined && best[1] > cluster.length / 2 ? ` (${best[0]})` : '';
}

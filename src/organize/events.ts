import type { TimeAndPlace } from './timeAndPlace.js';

/** Photographs that were taken together. */
export interface PhotoEvent {
  /** The date of the first one, and the number of the event on that day from the second on: '2026-11-28', '2026-11-28 2'. */
  readonly name: string;
  /** When the first one was taken: seconds since 1970, by the clock of the camera. */
  readonly from: number;
  /** When the last one was taken. */
  readonly to: number;
  /** The mean place of those that have one. */
  readonly place?: { readonly latitude: number; readonly longitude: number } | undefined;
  /** The numbers of the photographs, by time. */
  readonly photos: readonly number[];
}

/** What parts one event from the next. */
export interface EventOptions {
  /** A pause of so many hours. Default 4. */
  hours?: number | undefined;
  /** A way of so many kilometers between one photograph and the next. Default 30. */
  kilometers?: number | undefined;
}

/** Photographs by time, parted where there was a long pause or a long way. Those without a time belong to no event. */
export function eventsOf(photos: readonly TimeAndPlace[], options: EventOptions = {}): PhotoEvent[] {
  const { hours = 4, kilometers = 30 } = options;
  const order = [...photos.keys()]
    .filter((n) => photos[n].time !== undefined)
    .sort((a, b) => (photos[a].time as number) - (photos[b].time as number) || a - b);
  const groups: number[][] = [];
  let place: TimeAndPlace['place'];
  let time = Number.NEGATIVE_INFINITY;
  for (const n of order) {
    const now = photos[n];
    const isLater = (now.time as number) - time > 3600 * hours;
    const isElsewhere = now.place !== undefined && place !== undefined && distance(now.place, place) > kilometers;
    if (isLater || isElsewhere) groups.push([]);
    groups.at(-1)?.push(n);
    time = now.time as number;
    // A photograph without a position is where the last one was.
    place = now.place ?? (isLater ? undefined : place);
  }
  const days = new Map<string, number>();
  return groups.map((group) => {
    const times = group.map((n) => photos[n].time as number);
    const day = new Date(1000 * times[0]).toISOString().slice(0, 10);
    const count = (days.get(day) ?? 0) + 1;
    days.set(day, count);
    return {
      name: count === 1 ? day : `${day} ${count}`,
      from: times[0],
      to: times.at(-1) as number,
      place: meanPlace(group.map((n) => photos[n].place)),
      photos: group,
    };
  });
}

type Place = NonNullable<TimeAndPlace['place']>;

function meanPlace(places: readonly TimeAndPlace['place'][]): TimeAndPlace['place'] {
  const known = places.filter((place): place is Place => place !== undefined);
  if (known.length === 0) return undefined;
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return { latitude: mean(known.map((p) => p.latitude)), longitude: mean(known.map((p) => p.longitude)) };
}

/** Kilometers along the surface (the haversine formula). */
export function distance(a: Place, b: Place): number {
  const rad = Math.PI / 180;
  const h =
    Math.sin(((b.latitude - a.latitude) * rad) / 2) ** 2 +
    Math.cos(a.latitude * rad) * Math.cos(b.latitude * rad) * Math.sin(((b.longitude - a.longitude) * rad) / 2) ** 2;
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(h)));
}
